"""A Spark cluster on this computer: a master, two workers, and the server of Spark Connect in front of them."""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_S = 300  # for each part, beside other work

INSTALL = "Java 17 and Spark: apt install openjdk-17-jre-headless; make test-spark"


def spark_home() -> Path | None:
    """Where Spark is, None where it or Java is not installed."""
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None or importlib.util.find_spec("grpc") is None:
        return None
    return Path(found.origin).parent if shutil.which("java") else None


@dataclass
class Cluster:
    """*url* is that of Spark Connect; *ui* the one of the program's own figures."""

    url: str
    ui: str
    workers: list["subprocess.Popen[bytes]"]

    def running_tasks(self) -> int:
        """How many tasks are at work just now."""
        (application,) = self._asked("")
        stages = self._asked(f"/{application['id']}/stages?status=active")
        return sum(stage["numActiveTasks"] for stage in stages)

    def executors(self) -> int:
        """How many executors live."""
        (application,) = self._asked("")
        found = self._asked(f"/{application['id']}/executors")
        return sum(one["id"] != "driver" for one in found)

    def kill_a_worker(self) -> None:
        """As a machine that loses its power; its executor goes with it."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)

    def _asked(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.ui}/api/v1/applications{path}", timeout=60) as answer:
            return json.load(answer)


@contextlib.contextmanager
def running_spark(home: Path, folder: Path) -> Iterator[Cluster]:
    """Start all of it; every process is killed at the end."""
    master, connect, ui = _free(), _free(), _free()
    environment = {
        **os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "1g",
        "SPARK_WORKER_DIR": str(folder / "work"),
    }  # fmt: skip
    deploy = "org.apache.spark.deploy"
    children: list[subprocess.Popen[bytes]] = []

    def start(name: str, *words: str) -> "subprocess.Popen[bytes]":
        with (folder / f"{name}.log").open("wb") as log:
            child = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *words], cwd=folder, env=environment, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        children.append(child)
        return child

    def until(name: str, said: str) -> None:
        log, end = folder / f"{name}.log", time.monotonic() + START_S
        while said not in log.read_text(errors="replace"):
            if time.monotonic() > end or children[-1].poll() is not None:
                raise AssertionError(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)

    here = ("--host", "127.0.0.1", "--port")
    try:
        start("master", f"{deploy}.master.Master", *here, str(master), "--webui-port", "0")
        until("master", "I have been elected leader")
        at = f"spark://127.0.0.1:{master}"
        small = ("--cores", "1", "--memory", "1g", "--webui-port", "0")
        workers = [start(f"worker{n}", f"{deploy}.worker.Worker", *small, at) for n in (1, 2)]
        for n in (1, 2):
            until(f"worker{n}", "Successfully registered with master")
        settings = (
            f"spark.connect.grpc.binding.port={connect}", "spark.connect.grpc.binding.address=127.0.0.1",
            "spark.driver.host=127.0.0.1", "spark.driver.bindAddress=127.0.0.1", f"spark.ui.port={ui}",
            "spark.sql.shuffle.partitions=4", f"spark.sql.warehouse.dir={folder}/tables",
        )  # fmt: skip
        start(
            "connect", f"{deploy}.SparkSubmit", "--master", at,
            "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
            *(word for one in settings for word in ("--conf", one)), "--executor-memory", "768m", "spark-internal",
        )  # fmt: skip
        until("connect", "Spark Connect server started at")
        yield Cluster(f"sc://127.0.0.1:{connect}", f"http://127.0.0.1:{ui}", workers)
    finally:
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _free() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port: int = some.getsockname()[1]
        return port
