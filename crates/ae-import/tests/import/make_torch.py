"""Writes the PyTorch and safetensors files that the tests of ae-import read.

    python make_torch.py .

Made with Python 3.11, PyTorch 2.15.0, safetensors 0.8.0 and NumPy 2.4.6.

Weights follow the rule of make_keras.py: number i of tensor t is ((7 i + 3 t + 1) mod 11 − 5) / 8,
of a variance 1 + the absolute value of that.
"""

import pathlib
import pickle
import sys

import torch
from safetensors.torch import save_file
from torch import nn

OUT = pathlib.Path(sys.argv[1])


def fill(model):
    """Gives each tensor of a state dict its pattern, in its order."""
    for number, (name, tensor) in enumerate(model.state_dict().items()):
        if name.endswith("num_batches_tracked"):
            tensor.fill_(7)
            continue
        i = torch.arange(tensor.numel())
        values = ((7 * i + 3 * number + 1) % 11 - 5) / 8
        values = 1 + values.abs() if name.endswith("running_var") else values
        tensor.copy_(values.reshape(tensor.shape))
    return model


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)
        )
        self.decoder = nn.Sequential(nn.Linear(2, 4, bias=False), nn.ReLU(), nn.Linear(4, 6))


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 2)
        self.out = nn.Linear(2, 3)


def several(*layers):
    return fill(nn.Sequential(*layers)).state_dict()


model = fill(Autoencoder())
state = model.state_dict()
torch.save(state, OUT / "autoencoder.pt")
optimizer = torch.optim.Adam(model.parameters()).state_dict()
checkpoint = {"epoch": 3, "optimizer": optimizer, "model_state_dict": state, "loss": 0.5}
torch.save(checkpoint, OUT / "checkpoint.pt")
save_file(state, OUT / "autoencoder.safetensors")

# Weights that share a storage, and one of them turned; parameters; every width.
tied = torch.arange(6.0).reshape(2, 3)
torch.save({"up.weight": tied.t(), "down.weight": nn.Parameter(tied)}, OUT / "tied.pt")
widths = [torch.float64, torch.float16, torch.bfloat16, torch.float32]
layers = several(*[nn.Linear(2, 2) for _ in widths])
layers = {name: tensor.to(widths[int(name[0])]) for name, tensor in layers.items()}
torch.save(layers, OUT / "widths.pt")
save_file(layers, OUT / "widths.safetensors")

# What is refused.
torch.save(fill(Convolutional()).state_dict(), OUT / "refused_convolution.pt")
torch.save(fill(Recurrent()).state_dict(), OUT / "refused_lstm.pt")
normalised = several(nn.Linear(3, 2), nn.LayerNorm(2), nn.Linear(2, 3))
torch.save(normalised, OUT / "refused_layer_norm.pt")
between = several(nn.Linear(3, 2), nn.ReLU(), nn.BatchNorm1d(2), nn.Linear(2, 3))
torch.save(between, OUT / "refused_between.pt")
torch.save(several(nn.Linear(3, 2), nn.Linear(4, 3)), OUT / "refused_apart.pt")
torch.save({"0.weight": torch.ones(2, 3, dtype=torch.int32)}, OUT / "refused_int32.pt")
torch.save({"encoder": {"0.weight": torch.ones(2, 3)}}, OUT / "refused_parts.pt")
torch.save(nn.Sequential(nn.Linear(2, 2)), OUT / "refused_module.pt")
torch.save(state, OUT / "refused_legacy.pt", _use_new_zipfile_serialization=False)
torch.jit.script(nn.Sequential(nn.Linear(2, 2))).save(OUT / "refused_script.pt")
(OUT / "refused_other.pkl").write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))
