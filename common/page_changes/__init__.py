"""What changed on public pages: written by triggers, read by every process that keeps pages or parts of them."""
