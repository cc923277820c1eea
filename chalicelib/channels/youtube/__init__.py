"""YouTube: comments under a channel's videos, looked for every few minutes: nothing is pushed."""
