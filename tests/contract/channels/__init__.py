"""What every channel keeps: one suite (test_conformance.py) over a specimen of each room."""
