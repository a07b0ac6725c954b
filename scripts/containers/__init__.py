"""The shipped Dockerfile and compose files, run on a real Docker engine.

`engine.py` starts an engine of its own, in a network of its own; `images.py` builds stand-ins for the images that
the files name, since no image registry is asked; `site.py` is the installation on that engine; `questions/` is what is
asked of it.
`./scripts/containers/run` does it all by hand, `./scripts/test --all` as a test.
"""
