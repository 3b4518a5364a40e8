# syntax=docker/dockerfile:1

ARG PYTHON=3.13

# ---- wheels of the locked requirements, each checked against its hash, and of the gateway itself
FROM python:${PYTHON}-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements requirements
RUN python -m venv /build/tools \
 && /build/tools/bin/pip install --require-hashes -r requirements/build.txt
RUN python -m venv /opt/switchboard \
 && /opt/switchboard/bin/pip install --require-hashes -r requirements/runtime.txt
COPY pyproject.toml ./
COPY gateway gateway
COPY schema schema
COPY resolvers resolvers
COPY vendors vendors
COPY examples examples
COPY queries queries
RUN /build/tools/bin/hatchling build -t wheel -d dist \
 && /opt/switchboard/bin/pip install --no-deps --no-index dist/*.whl \
 && /opt/switchboard/bin/python -m compileall -q /opt/switchboard/lib

# ---- what runs: an interpreter and one folder, owned by root, used by nobody in particular
FROM python:${PYTHON}-slim-bookworm
LABEL org.opencontainers.image.title="Switchboard" \
      org.opencontainers.image.description="One GraphQL schema over the platforms on which a company talks with its customers."
ENV PATH=/opt/switchboard/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/switchboard /opt/switchboard
WORKDIR /srv
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=2); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
CMD ["switchboard", "serve", "--host", "0.0.0.0"]
