"""OpenStack Swift with its S3 interface, on one machine: the peer of the objects suite.

    swift_s3.py serve --directory D         runs until its input ends; prints one line of JSON: url, keyId, secret, pids
    swift_s3.py list --directory D --bucket B --keys N
                                         enters N names into a bucket's listing, as an object server would

A proxy, an object, a container and an account server, one copy of everything, and memcached, which Swift asks what it
knows of accounts and buckets.
"""
import argparse
import json
import os
import socket
import subprocess
import sys
import time

SERVERS = ("account", "container", "object")
KEY_ID = "test:tester"
SECRET = "testing"
ACCOUNT = "AUTH_test"
START_SECONDS_MAX = 60


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def write(directory, name, text):
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        file.write(text)


def settings(directory, port, workers):
    return f"""[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = {workers}
user = {subprocess.check_output(["id", "-un"], text=True).strip()}
swift_dir = {directory}
devices = {directory}/devices
mount_check = false
disable_fallocate = true
log_level = ERROR
log_address = {directory}/log
"""


def configure(directory, ports):
    os.makedirs(os.path.join(directory, "devices", "d1"), exist_ok=True)
    write(directory, "swift.conf", "[swift-hash]\nswift_hash_path_suffix = s\nswift_hash_path_prefix = p\n")
    for server in SERVERS:
        write(directory, f"{server}.conf", settings(directory, ports[server], 2 if server == "object" else 1) + f"""
[pipeline:main]
pipeline = {server}-server
[app:{server}-server]
use = egg:swift#{server}
""")
        builder = os.path.join(directory, f"{server}.builder")
        for words in (["create", "8", "1", "0"], ["add", f"r1z1-127.0.0.1:{ports[server]}/d1", "1"], ["rebalance"]):
            # Rebalancing ends with 1 where it only warns.
            subprocess.run(["swift-ring-builder", builder, *words], check=words[0] != "rebalance",
                           stdout=subprocess.DEVNULL)
    middleware = {
        "catch_errors": "", "cache": f"memcache_servers = 127.0.0.1:{ports['memcached']}", "listing_formats": "",
        "s3api": "location = us-east-1", "tempauth": f"user_{KEY_ID.replace(':', '_')} = {SECRET} .admin",
        "bulk": "", "copy": "", "slo": "minimum_segment_size = 1", "dlo": "",
        "versioned_writes": "allow_versioned_writes = true",
    }
    filters = "".join(
        f"[filter:{name}]\nuse = egg:swift#{'memcache' if name == 'cache' else name}\n{line}\n"
        for name, line in middleware.items())
    write(directory, "proxy.conf", settings(directory, ports["proxy"], 2) + f"""
[pipeline:main]
pipeline = {" ".join(middleware)} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
{filters}""")


def wait_for(port):
    until = time.monotonic() + START_SECONDS_MAX
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def serve(directory):
    ports = {name: free_port() for name in (*SERVERS, "proxy", "memcached")}
    os.makedirs(directory, exist_ok=True)
    configure(directory, ports)
    environment = dict(os.environ, SWIFT_CONF=directory)
    running = []
    try:
        user = ["-u", "root"] if os.geteuid() == 0 else []
        commands = [["memcached", *user, "-l", "127.0.0.1", "-p", str(ports["memcached"])]]
        commands += [[f"swift-{name}-server", os.path.join(directory, f"{name}.conf")] for name in (*SERVERS, "proxy")]
        with open(os.path.join(directory, "out"), "ab") as out:
            for command in commands:
                running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                env=environment, start_new_session=True))
        for port in ports.values():
            wait_for(port)
        print(json.dumps({
            "url": f"http://127.0.0.1:{ports['proxy']}", "keyId": KEY_ID, "secret": SECRET,
            "pids": [process.pid for process in running],
        }), flush=True)
        sys.stdin.read()
    finally:
        for process in running:
            # Each leads its workers.
            os.killpg(process.pid, 15)
        for process in running:
            process.wait()


def enter(directory, bucket, keys):
    os.environ["SWIFT_CONF"] = directory
    from swift.common.ring import Ring
    from swift.common.utils import hash_path, storage_directory, Timestamp, validate_configuration
    from swift.container.backend import ContainerBroker
    validate_configuration()
    part, _ = Ring(directory, ring_name="container").get_nodes(ACCOUNT, bucket)
    name = hash_path(ACCOUNT, bucket)
    path = os.path.join(directory, "devices", "d1", storage_directory("containers", part, name), name + ".db")
    broker = ContainerBroker(path, account=ACCOUNT, container=bucket)
    now = Timestamp.now().internal
    broker.merge_items([
        {"name": f"list/{i:08}", "created_at": now, "size": 0, "content_type": "application/octet-stream",
         "etag": "d41d8cd98f00b204e9800998ecf8427e", "deleted": 0, "storage_policy_index": 0}
        for i in range(keys)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["serve", "list"])
    parser.add_argument("--directory", required=True)
    parser.add_argument("--bucket")
    parser.add_argument("--keys", type=int)
    arguments = parser.parse_args()
    if arguments.verb == "serve":
        serve(os.path.abspath(arguments.directory))
    else:
        enter(os.path.abspath(arguments.directory), arguments.bucket, arguments.keys)
