"""The Feature Smoothing Loss."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("mammobook")
class FeatureSmoothing(keras.losses.Loss):
    """Feature Smoothing Loss, the scatter of each class about its mean within one batch:

    L_fs = 1/C sum_c 1/N_c sum_i ||f_ci - mean_c||^2, added to the cross-entropy as L = L_CE + lambda L_fs.

    C is the number of classes, not of those in the batch: a class that the batch lacks, or that has one picture in
    it, adds nothing to the sum.
    Source: Xia et al. 2025; Dahes 2025, section 2, "Feature Smoothing Loss (FSL)".
    """

    def call(self, y_true, y_pred):
        """Computes the loss of one batch.

        Args:
            y_true: One-hot classes, (n, C).
            y_pred: Features, (n, d).

        Returns:
            Scalar tensor.
        """
        counts = ops.maximum(ops.sum(y_true, axis=0), 1.0)
        members = ops.transpose(y_true / counts)
        means = ops.matmul(members, y_pred)
        distances = ops.sum(ops.square(y_pred - ops.matmul(y_true, means)), axis=-1, keepdims=True)
        return ops.sum(ops.matmul(members, distances)) / y_true.shape[-1]
