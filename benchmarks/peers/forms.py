"""The ways in which people run diffusers on a CPU."""

import torch


class Eager:
    """As it comes."""

    optimizer = {}

    def __init__(self, threads):
        self.threads = threads

    def tensor(self, x):
        return x

    def network(self, module, example):
        return module


class ChannelsLast(Eager):
    """In channels_last memory, with the fused optimizer."""

    optimizer = {"fused": True}

    def tensor(self, x):
        return x.contiguous(memory_format=torch.channels_last)

    def network(self, module, example):
        return module.to(memory_format=torch.channels_last)


class Compile(ChannelsLast):
    """The same through torch.compile."""

    def network(self, module, example):
        return torch.compile(super().network(module, example))


class OpenVINO(Eager):
    """Converted and compiled by OpenVINO, in float32. It has no gradients."""

    def network(self, module, example):
        import openvino

        with torch.no_grad():
            converted = openvino.convert_model(module, example_input=example)
        compiled = openvino.compile_model(converted, "CPU", {"INFERENCE_PRECISION_HINT": "f32",
                                                             "INFERENCE_NUM_THREADS": self.threads})
        return lambda *inputs: torch.from_numpy(compiled([tensor.numpy() for tensor in inputs])[0])


FORMS = {"eager": Eager, "channels_last": ChannelsLast, "compile": Compile, "openvino": OpenVINO}
