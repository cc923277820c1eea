"""Errors of building and deploying, each with a message that says what to do."""


class InfraError(Exception):
    """Base of what stops a build or a deployment. The message is shown to the person as it is."""


class BuildError(InfraError):
    """Raised when the parts do not make a template that can be deployed."""


class ConfigurationError(InfraError):
    """Raised when care.yaml cannot be used. `problems` has one sentence for each thing to mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "care.yaml cannot be used:\n" + "\n".join(f"- {problem}" for problem in problems)
        )
        self.problems = problems


class DeployError(InfraError):
    """Raised when CloudFormation refused or rolled back, with its own reasons."""
