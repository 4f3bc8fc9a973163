"""Where leads come from: placements, forms, and the trace of one lead."""
