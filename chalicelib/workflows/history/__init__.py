"""History: cases read from their logs again, to explain, to try a policy, and to decide anew."""
