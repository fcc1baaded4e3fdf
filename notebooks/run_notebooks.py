"""Runs notebooks in a real kernel, keeps every output, and fails on errors and missing figures.

nbclient drops outputs that arrive after the kernel has said "idle", which Deno's kernel sometimes
sends: this waits a little longer for them.
"""

import argparse
import os
import pathlib
import queue
import sys
import time

import nbformat
from jupyter_client import KernelManager

DRAIN_S = 0.15
FIGURES = ("image/png", "image/svg+xml")


def run_cell(client, source, deadline):
    """Executes one cell and returns its outputs and the text of its error, if any."""
    sent = client.execute(source)
    outputs, error, idle_until = [], None, None
    while True:
        now = time.monotonic()
        if idle_until is not None and now >= idle_until:
            return outputs, error
        if now >= deadline:
            return outputs, "it took too long"
        try:
            message = client.get_iopub_msg(timeout=min(1, max(0.01, (idle_until or now + 1) - now)))
        except queue.Empty:
            continue
        if message["parent_header"].get("msg_id") != sent:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status":
            if content["execution_state"] == "idle":
                idle_until = time.monotonic() + DRAIN_S
        elif kind in ("stream", "display_data", "execute_result", "error"):
            if kind == "error":
                error = f"{content['ename']}: {content['evalue']}"
            add_output(outputs, nbformat.v4.output_from_msg(message))


def add_output(outputs, output):
    """Joins pieces of one stream, so that the file does not depend on how they were cut."""
    output.pop("execution_count", None)
    if output.output_type == "execute_result":
        output["execution_count"] = None
        if output.data.get("text/plain") in ("undefined", "\x1b[90mundefined\x1b[39m"):
            return
    last = outputs[-1] if outputs else None
    if (
        last is not None
        and output.output_type == "stream"
        and last.output_type == "stream"
        and last.name == output.name
    ):
        last.text += output.text
    else:
        outputs.append(output)


def run_notebook(path, timeout):
    """Runs all cells in order; returns the notebook with its new outputs and what went wrong."""
    notebook = nbformat.read(path, as_version=4)
    manager = KernelManager(kernel_name="deno")
    manager.start_kernel(cwd=str(path.parent), stderr=None)
    client = manager.client()
    client.start_channels()
    problem = None
    try:
        client.wait_for_ready(timeout=60)
        deadline = time.monotonic() + timeout
        for number, cell in enumerate(notebook.cells, 1):
            if cell.cell_type != "code":
                continue
            cell.outputs, error = run_cell(client, cell.source, deadline)
            cell.execution_count = None
            if error is not None:
                problem = f"cell {number} failed: {error}"
                break
            wanted = "figure" in cell.metadata.get("tags", [])
            if wanted and not any(kind in o.get("data", {}) for o in cell.outputs for kind in FIGURES):
                problem = f"cell {number} shows no figure"
                break
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return notebook, problem


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--timeout", type=float, default=180)
    parser.add_argument("--check", action="store_true", help="leave the files as they are")
    parser.add_argument("notebooks", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    failed = 0
    for path in options.notebooks:
        started = time.monotonic()
        notebook, problem = run_notebook(path.resolve(), options.timeout)
        seconds = time.monotonic() - started
        if problem is None and not options.check:
            temporary = path.with_suffix(".tmp")
            nbformat.write(notebook, temporary)
            os.replace(temporary, path)
        failed += problem is not None
        print(f"{path.name}: {problem or 'ok'} ({seconds:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
