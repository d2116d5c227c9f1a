# The service in a container: docker build -t gridgeo . ; docker run -p 8000:8000 -v gridgeo:/var/lib/gridgeo gridgeo
# The link that makes the first admin is in its log: docker logs NAME. Settings: -e GRIDGEO_...
FROM python:3.12-slim AS build
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY data data
COPY solvers solvers
COPY maps maps
COPY gridgeo gridgeo
RUN python -m venv /opt/gridgeo && \
    /opt/gridgeo/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt . && \
    /opt/gridgeo/bin/python -m compileall -q /opt/gridgeo/lib

FROM python:3.12-slim
# a number, so that one who mounts a folder knows whose it has to be
RUN useradd --system --uid 10001 --home-dir /var/lib/gridgeo --shell /usr/sbin/nologin gridgeo && \
    install --directory --owner gridgeo --mode 0700 /var/lib/gridgeo /var/cache/gridgeo
COPY --from=build /opt/gridgeo /opt/gridgeo
ENV PATH=/opt/gridgeo/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/var/cache/gridgeo \
    MPLCONFIGDIR=/var/cache/gridgeo \
    GRIDGEO_DATA=/var/lib/gridgeo \
    GRIDGEO_HOST=0.0.0.0 \
    GRIDGEO_PORT=8000 \
    GRIDGEO_LOG_FORMAT=json
USER 10001
WORKDIR /var/lib/gridgeo
VOLUME ["/var/lib/gridgeo"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["gridgeo", "serve", "--check"]
ENTRYPOINT ["gridgeo"]
CMD ["serve"]
