#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/describe.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>
#include <gradus/nn/files/write_file.hpp>

namespace gradus::nn {
namespace {

using detail::read_contents, detail::tag;

/// How many numbers a file holds.
std::size_t elements_in(const Safetensors& contents) {
  std::size_t sum = 0;
  for (const auto& [name, array] : contents.tensors)
    sum += std::visit([](const auto& held) { return held.size(); }, array);
  return sum;
}

template <class T>
void put(const std::string& where, const Safetensors& contents, const Module<T>& model,
         const ModelFileOptions& options) {
  std::vector<std::string> mismatches;
  const detail::LoadedModel<T> loaded(contents, model, options, mismatches);
  detail::check_mismatches(where, mismatches);
  loaded.put();
}

}  // namespace

template <class T>
void save_model(const std::filesystem::path& file, const Module<T>& model, const ModelFileOptions& options,
                const std::map<std::string, std::string>& metadata) {
  Safetensors contents{{}, metadata};
  detail::store_model(tag("save_model", file), model, options, contents);
  detail::write_file("save_model", file, detail::safetensors_bytes(tag("save_model", file), contents));
}

template <class T>
void load_model(const std::filesystem::path& file, const Module<T>& model, const ModelFileOptions& options) {
  put(tag("load_model", file), read_contents("load_model", file), model, options);
}

template <class T>
Module<T> read_model(const std::filesystem::path& file, const ModelFileOptions& options) {
  const Safetensors contents = read_contents("read_model", file);
  const auto description = contents.metadata.find(detail::description_key);
  if (description == contents.metadata.end())
    throw DataError(tag("read_model", file) +
                    "it does not say what its model consists of: make the model, then load_model(), with "
                    "{.torch = true} if PyTorch wrote the file");
  Rng rng(0);  // for values that are overwritten
  const Module<T> model = [&] {
    try {
      return build_model<T>(description->second, rng, elements_in(contents));
    } catch (const Error& error) {
      throw DataError(tag("read_model", file) + error.what());
    }
  }();
  put(tag("read_model", file), contents, model, options);
  return model;
}

#define GRADUS_INSTANTIATE(T)                                                                        \
  template void save_model(const std::filesystem::path&, const Module<T>&, const ModelFileOptions&,  \
                           const std::map<std::string, std::string>&);                               \
  template void load_model(const std::filesystem::path&, const Module<T>&, const ModelFileOptions&); \
  template Module<T> read_model(const std::filesystem::path&, const ModelFileOptions&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
