"""What every room uses: moments, exact numbers, problems, texts, places."""
