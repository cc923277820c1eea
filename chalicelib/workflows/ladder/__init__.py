"""The ladder: pages are gathered, told rung by rung, acknowledged, and end."""
