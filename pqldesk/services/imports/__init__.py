"""Files on their way in: sniffed, mapped, run, taken back."""
