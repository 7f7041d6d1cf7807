# syntax=docker/dockerfile:1
# docker build -t namemem .                                   (embedded ear only, no download)
# docker build -t namemem --build-arg WHISPER_MODEL=base .    (Whisper's weights baked in)
# docker run --rm -v namemem:/data namemem namemem keys create --scope introduce,read --label robot
# docker run -p 8000:8000 -v namemem:/data namemem
# Without any key it does not start, since it listens on all addresses of the container. To try it
# without: docker run -p 127.0.0.1:8000:8000 -e NAMEMEM_ALLOW_ANONYMOUS=true namemem
ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/namemem
COPY constraints.txt ./
RUN /opt/namemem/bin/pip install -c constraints.txt \
      --extra-index-url https://download.pytorch.org/whl/cpu \
      "$(grep '^torch==' constraints.txt)"
COPY pyproject.toml README.md LICENSE NOTICE.md ./
COPY namemem ./namemem
COPY migrations ./migrations
RUN /opt/namemem/bin/pip install -c constraints.txt '.[whisper,queue]'
ARG WHISPER_MODEL=""
ENV XDG_CACHE_HOME=/opt/cache
RUN mkdir -p /opt/cache && \
    if [ -n "$WHISPER_MODEL" ]; then \
      /opt/namemem/bin/namemem models fetch "$WHISPER_MODEL" && \
      /opt/namemem/bin/namemem models fetch tiny.en; \
    fi

FROM python:${PYTHON}-slim
ARG WHISPER_MODEL=""
RUN useradd --system --create-home --uid 10001 namemem && \
    install -d -o namemem -g namemem /data
COPY --from=build /opt/namemem /opt/namemem
COPY --from=build --chown=namemem /opt/cache /opt/cache
ENV PATH=/opt/namemem/bin:$PATH \
    XDG_CACHE_HOME=/opt/cache \
    NAMEMEM_DATA_DIR=/data \
    NAMEMEM_WHISPER_MODEL=${WHISPER_MODEL:-tiny.en}
USER namemem
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s CMD \
  ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["namemem", "serve", "--host", "0.0.0.0"]
