"""From what somebody changed on Pinterest to the YAML files that declare it."""
