"""What every app shares and no app owns; knows no other app."""
