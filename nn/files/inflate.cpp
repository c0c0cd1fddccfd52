#include <algorithm>
#include <new>

#include <zlib.h>

#include <gradus/nn/files/inflate.hpp>

namespace gradus::nn::detail {

Inflation::Inflation(std::span<const std::uint8_t> packed, int window_bits)
    : packed_(packed), stream_(std::make_unique<z_stream>()) {
  if (inflateInit2(stream_.get(), window_bits) != Z_OK) throw std::bad_alloc();
}

Inflation::~Inflation() { inflateEnd(stream_.get()); }

int Inflation::step(Bytes& out, std::size_t& filled) {
  const std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
  const auto offered = static_cast<uInt>(std::min(packed_.size() - read_, most));
  const auto room = static_cast<uInt>(std::min(out.size() - filled, most));
  std::uint8_t none = 0;  // zlib wants a place even for no byte
  stream_->next_in = const_cast<Bytef*>(packed_.data() + read_);
  stream_->avail_in = offered;
  stream_->next_out = room > 0 ? out.data() + filled : &none;
  stream_->avail_out = room;
  const int status = inflate(stream_.get(), Z_NO_FLUSH);
  read_ += offered - stream_->avail_in;
  filled += room - stream_->avail_out;
  return status;
}

const char* Inflation::message() const { return stream_->msg; }

void Inflation::restart() { inflateReset(stream_.get()); }

void grow(Inflation::Bytes& out, std::size_t most) {
  constexpr std::size_t least = 4096;
  out.resize(std::min(std::max(2 * out.size(), least), most));
}

}  // namespace gradus::nn::detail
