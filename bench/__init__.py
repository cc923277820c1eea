"""Bench: what `make bench` measures. Each figure is compared with something of the same run.

imports: a cold start. cpu: a message in our own code. case: what one case asks of AWS, and what
that costs. growth: that it stays so however much there is.
"""
