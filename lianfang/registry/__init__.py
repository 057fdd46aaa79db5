"""What there is and who may see it: areas, units, places, subjects, users, grants, devices."""
