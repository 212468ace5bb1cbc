#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "mezzotint/io/image.h"

namespace mezzotint::testing {

/// The pictures of a PAM file (netpbm), one after another: the form in which expected pixels are
/// kept.
inline std::vector<Image> read_pams(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<Image> images;
  std::string word;
  while (file >> word) {
    if (word != "P7") throw std::runtime_error(path.string() + ": not a PAM file");
    Image image;
    while (file >> word && word != "ENDHDR") {
      int value = 0;
      file >> value;
      if (word == "WIDTH") image.width = value;
      if (word == "HEIGHT") image.height = value;
      if (word == "DEPTH") image.channels = value;
    }
    file.get();
    image.pixels.resize(static_cast<size_t>(image.width) * image.height * image.channels);
    file.read(reinterpret_cast<char*>(image.pixels.data()),
              static_cast<std::streamsize>(image.pixels.size()));
    images.push_back(std::move(image));
  }
  if (images.empty()) throw std::runtime_error(path.string() + ": no PAM pictures");
  return images;
}

/// The largest difference of two pictures' values; 256 when their shapes differ.
inline int max_difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels) return 256;
  if (a.pixels.size() != b.pixels.size()) return 256;
  int most = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i)
    most = std::max(most, std::abs(a.pixels[i] - b.pixels[i]));
  return most;
}

}  // namespace mezzotint::testing
