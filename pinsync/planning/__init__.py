"""Desired, known and live to a plan. Pure: nothing here touches the network or the disk."""
