"""What runs inside the worker processes: the zygote, and the sealed children that run programs.

Nothing here is imported by the host but the names of layers and families.
"""
