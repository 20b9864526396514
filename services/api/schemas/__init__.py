"""What goes over the wire: requests checked, answers told. The engine's values stay inside."""
