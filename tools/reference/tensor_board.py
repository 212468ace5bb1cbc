"""Writes tests/training/data/tensor_board.json: events as TensorBoard's own protocol buffers and record writer make them.

    python tools/reference/tensor_board.py        (tensorboard 2.21)
"""

import io
import json
import pathlib

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

DATA = pathlib.Path(__file__).parents[2] / "tests" / "training" / "data"
WALL_TIME = 1795765466.25
STEP = 300  # two bytes as a varint


def event(**what):
    return event_pb2.Event(wall_time=WALL_TIME, **what)


def summary(**value):
    return event(step=STEP, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(**value)]))


def text(tag, markdown):
    plugin = summary_pb2.SummaryMetadata.PluginData(plugin_name="text")
    shape = tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)])
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_shape=shape, string_val=[markdown.encode()])
    return summary(tag=tag, metadata=summary_pb2.SummaryMetadata(plugin_data=plugin), tensor=tensor)


def events():
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    picture = summary_pb2.Summary.Image(height=2, width=3, colorspace=4, encoded_image_string=b"not \0 a PNG")
    # -1, an empty bucket beside an empty one, 1 and 1: the grid of mezzotint/training/histogram.h.
    spread = summary_pb2.HistogramProto(min=-1, max=1, num=3, sum=1, sum_squares=3,
                                        bucket_limit=[-1, 1, 1.125], bucket=[1, 0, 2])
    return {
        "file_version": event(file_version="brain.Event:2"),
        "session_start": event(step=STEP, session_log=start),
        "scalar": summary(tag="loss/train", simple_value=0.1),
        "picture": summary(tag="pictures/samples", image=picture),
        "histogram": summary(tag="weights/conv_in.bias", histo=spread),
        "text": text("run/configuration", "| lr | µ |"),
    }


def record(content):
    file = io.BytesIO()
    RecordWriter(file).write(content)
    return file.getvalue()


def main():
    made = {name: event.SerializeToString() for name, event in events().items()}
    table = {"wall_time": WALL_TIME, "step": STEP, "events": {name: content.hex() for name, content in made.items()},
             "records": {name: record(content).hex() for name, content in made.items()}}
    (DATA / "tensor_board.json").write_text(json.dumps(table, indent=1) + "\n")


main()
