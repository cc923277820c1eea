"""What the tests of the bench stand on: a zip, a client, and botocore's events."""

import zipfile
from types import SimpleNamespace

import botocore.session


class Stand:
    """Small makers, by what they make."""

    @staticmethod
    def zipped(path, files):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path

    @staticmethod
    def client(service, endpoint):
        session = botocore.session.get_session()
        return session.create_client(service, "us-east-1", endpoint_url=endpoint)

    @staticmethod
    def model(name):
        return SimpleNamespace(name=name)

    @staticmethod
    def request(body):
        return SimpleNamespace(body=body)

    @staticmethod
    def response(content):
        return SimpleNamespace(content=content)
