"""What a SIM change, its evidence and its decision are; pure, without I/O or clock."""
