#pragma once

#include <cstddef>
#include <filesystem>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

/// The opset of ONNX that export_onnx() writes.
inline constexpr int onnx_opset = 13;

/// Whether export_onnx() was built: it needs ONNX's library (Debian: libonnx-dev, libprotobuf-dev).
bool has_onnx();

/// Writes a model as it is in evaluation to an ONNX file, for other programs to run: an input "input" of
/// shape (batch, input_shape...), an output "output", where the batch may have any size; parameters under
/// their names. Knows Linear (as Gemm), MLP, Sequential, Residual, Flatten, Unflatten, Dropout (nothing),
/// BatchNorm1d and BatchNorm2d, Identity, Sigmoid, Tanh, ReLU, LeakyReLU, ELU, SELU, Softplus, Softsign,
/// HardSigmoid, HardSwish, GELU, SiLU, Mish, Softmax and LogSoftmax, and, made of simpler operators,
/// LayerNorm, RMSNorm and Embedding (Gather; an index below 0 counts from the end there). ValueError for any
/// other module, naming where it stands, and when the library was built without ONNX, saying how to get it;
/// DataError when the file cannot be written; what the model throws for that input_shape.
template <class T>
void export_onnx(const std::filesystem::path& file, const Module<T>& model, const Shape& input_shape);
template <class M>
requires requires { typename M::value_type; }
void export_onnx(const std::filesystem::path& file, const M& model, const Shape& input_shape) {
  export_onnx(file, Module<typename M::value_type>(model), input_shape);
}

extern template void export_onnx(const std::filesystem::path&, const Module<float>&, const Shape&);
extern template void export_onnx(const std::filesystem::path&, const Module<double>&, const Shape&);

}  // namespace gradus::nn
