"""What the product's promises of speed are measured with: each figure is a ratio within one run."""
