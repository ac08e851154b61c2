"""Depthwise convolutions whose filters learn quickly on a processor."""

from typing import Any

import keras
from keras import layers, ops

from helpers.networks.backend import runs_on_onednn


@keras.saving.register_keras_serializable("mammobook")
class DepthwiseConv2D(layers.DepthwiseConv2D):
    """keras.layers.DepthwiseConv2D with the same parameters, outputs and gradients, sooner.

    oneDNN, which TensorFlow computes with on a processor, needs up to thirty times as long for the gradient of the
    filters as for the convolution. There `convolve` takes its place where it can; everywhere else this is Keras' own.

    Args: those of keras.layers.DepthwiseConv2D.
    """

    def call(self, inputs):
        if not (self._keeps_the_size() and runs_on_onednn()):
            return super().call(inputs)
        # A copy: outside a compiled step TensorFlow refuses a function with its own gradient that is given a variable.
        outputs = convolve(inputs, ops.copy(self.kernel))
        outputs = outputs if self.bias is None else ops.add(outputs, self.bias)
        return self.activation(outputs)

    def _keeps_the_size(self) -> bool:
        odd = all(side % 2 for side in self.kernel_size)
        plain = self.data_format == "channels_last" and self.depth_multiplier == 1
        return odd and plain and self.padding == "same" and {*self.strides, *self.dilation_rate} == {1}


@ops.custom_gradient
def convolve(pictures: Any, kernel: Any) -> Any:
    """Depthwise convolution with stride 1 and zero padding, its two gradients written as depthwise convolutions too.

    With y = x * k, the gradient at the pictures is the upstream one convolved with k turned by half a circle. That at
    the filters, dk[i, j] = sum over n, h, w of x[n, h + i, w + j] dy[n, h, w], is the padded picture convolved with
    its upstream gradient as the filter: one depthwise convolution in which every channel of every picture is a channel.

    Args:
        pictures: Tensor (n, height, width, channels), floating point.
        kernel: Tensor (odd height, odd width, channels, 1), of the same dtype.

    Returns:
        Tensor of the shape of `pictures`.
    """

    def gradient(*args, upstream=None):
        # PyTorch names the upstream gradient and gives what went in beside it; the others give it alone.
        upstream = args[0] if upstream is None else upstream
        turned = ops.flip(kernel, (0, 1))
        return ops.depthwise_conv(upstream, turned, padding="same"), _at_the_kernel(pictures, kernel, upstream)

    return ops.depthwise_conv(pictures, kernel, padding="same"), gradient


def _at_the_kernel(pictures: Any, kernel: Any, upstream: Any) -> Any:
    (rows, columns, channels, _), (count, height, width, _) = ops.shape(kernel), ops.shape(pictures)
    padded = ops.pad(pictures, [(0, 0), (rows // 2, rows // 2), (columns // 2, columns // 2), (0, 0)])
    padded = _pictures_as_channels(padded, (1, height + rows - 1, width + columns - 1, count * channels))
    each = ops.depthwise_conv(padded, _pictures_as_channels(upstream, (height, width, count * channels, 1)))
    return ops.sum(ops.reshape(each, (rows, columns, count, channels)), axis=2)[..., None]


def _pictures_as_channels(maps: Any, shape: tuple) -> Any:
    return ops.reshape(ops.transpose(maps, (1, 2, 0, 3)), shape)
