"""Each module ties one part of the window to what is behind it: calls down, signals up."""
