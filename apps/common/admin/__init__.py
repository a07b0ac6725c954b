"""What the admin pages of every app inherit: writes through services, short lists, fields that keep what was typed.

Pages of one app do not belong here. Begin with `base.py`.
"""
