"""What somebody may not say alone: held back, and decided by somebody who may."""
