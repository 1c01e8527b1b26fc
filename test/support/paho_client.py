"""Drives Eclipse Paho for Python on behalf of a test.

    paho_client.py publish '{"host", "port", "topic", "payloads", "qos", "retain"}'
    paho_client.py open    '{"host", "port", "clientId", "clean", "subscribe", "will"}'

Either prints one JSON object a line. `open` ends with 0 after SIGTERM, which it
answers with DISCONNECT, and with 3 when the connection was lost.
"""

import json
import signal
import sys

import paho.mqtt.client as mqtt
import paho.mqtt.publish as publisher

LOOP_SECONDS = 0.02


def report(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


def publish(options):
    messages = [
        {"topic": options["topic"], "payload": payload, "qos": options["qos"], "retain": options["retain"]}
        for payload in options["payloads"]
    ]
    publisher.multiple(messages, hostname=options["host"], port=options["port"], protocol=mqtt.MQTTv311)


def new_client(options):
    # Paho 2 asks which shape of callbacks is meant; Paho 1 has only one, and no such argument.
    versions = getattr(mqtt, "CallbackAPIVersion", None)
    leading = [versions.VERSION1] if versions else []
    return mqtt.Client(
        *leading, client_id=options["clientId"], clean_session=options["clean"], protocol=mqtt.MQTTv311
    )


def open_connection(options):
    client = new_client(options)
    subscribe = options.get("subscribe")
    will = options.get("will")
    if will:
        client.will_set(will["topic"], will["payload"], will["qos"], will["retain"])

    def on_connect(_client, _userdata, flags, code):
        report("connected", code=int(code), sessionPresent=bool(flags["session present"]))
        if subscribe:
            client.subscribe(subscribe["filter"], subscribe["qos"])

    def on_subscribe(_client, _userdata, _id, granted):
        report("subscribed", granted=[int(qos) for qos in granted])

    def on_message(_client, _userdata, message):
        report(
            "message",
            topic=message.topic,
            payload=message.payload.decode("utf-8"),
            qos=message.qos,
            retain=bool(message.retain),
        )

    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    return client


def run(options):
    leaving = []
    signal.signal(signal.SIGTERM, lambda _number, _frame: leaving.append(True))
    client = open_connection(options)
    client.connect(options["host"], options["port"], keepalive=60)
    # The plain loop, since loop_forever() would reconnect: a lost connection has to show.
    while client.loop(timeout=LOOP_SECONDS) == mqtt.MQTT_ERR_SUCCESS:
        if leaving:
            client.disconnect()
            return 0
    return 3


if __name__ == "__main__":
    argument = json.loads(sys.argv[2])
    sys.exit(publish(argument) if sys.argv[1] == "publish" else run(argument))
