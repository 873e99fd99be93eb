"""From a plan to calls: in order, side by side where that is safe, each written down before it leaves."""
