# One image for web, stream, worker, beat and migrate; scripts/entrypoint tells them apart.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/app
# Every dependency is a wheel, so neither stage needs a compiler.
COPY requirements.txt requirements-optional.txt ./
# OPTIONAL=1 adds S3 storage, Sentry and OpenTelemetry.
ARG OPTIONAL=0
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements.txt \
    && if [ "$OPTIONAL" = 1 ]; then \
         /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements-optional.txt; \
       fi \
    && /opt/venv/bin/pip check \
    && /opt/venv/bin/pip uninstall --yes pip
COPY manage.py ./
COPY config config
COPY apps apps
COPY scripts/entrypoint scripts/health scripts/
# Some libraries read the key when they are imported. This one is in no layer's environment and signs nothing.
RUN /opt/venv/bin/python -m compileall -q apps config scripts \
    && ENVIRONMENT=local SECRET_KEY=build-only STATIC_ROOT=/srv/static \
       /opt/venv/bin/python manage.py collectstatic --noinput

FROM python:3.13-slim
RUN groupadd --system --gid 10001 taskhouse \
    && useradd --system --uid 10001 --gid 10001 --home-dir /srv/app --no-create-home --shell /usr/sbin/nologin taskhouse \
    && install -d -o 10001 -g 10001 -m 0750 /srv/media
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MEDIA_ROOT=/srv/media \
    STATIC_ROOT=/srv/static
WORKDIR /srv/app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/app /srv/app
COPY --from=build --chown=10001:10001 /srv/static /srv/static
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["/srv/app/scripts/health", "web"]
ENTRYPOINT ["/srv/app/scripts/entrypoint"]
CMD ["web"]
