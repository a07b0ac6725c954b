"""What all pages share: the session, the view that asks for it, forms over services, lists and error pages."""
