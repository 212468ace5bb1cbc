#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mezzotint {

/// A picture and what it is called: a line of metadata.jsonl, the layout that `datasets` calls an
/// image folder with metadata. Only file_name and text must be there; the rest is what
/// tools/datasets/emoji_captions.py writes besides.
struct CaptionedPicture {
  std::filesystem::path file;             ///< below the folder
  std::string text;                       ///< its name or caption
  std::vector<std::string> names;         ///< other names
  std::vector<std::string> keywords;      ///< words that belong to it
  std::vector<std::string> held_out;      ///< keywords that aren't to be learned, to test with
  std::vector<std::string> translations;  ///< names and keywords of other languages
  std::vector<std::string> groups;        ///< what it belongs to, from the widest down
};

/// Reads `folder`/metadata.jsonl, in its order. @throws Error naming file, line and key that is
/// wrong, a file_name that leaves the folder, or one that isn't there.
std::vector<CaptionedPicture> read_captions(const std::filesystem::path& folder);

/// A meaning: a line of thesaurus.jsonl.
struct Meaning {
  std::vector<std::string> words;  ///< that have it
  std::vector<double> counts;      ///< how often each is met, as long as words
  std::string definition;          ///< "" where there is none
  int64_t distance = 0;            ///< 0: a caption's word may mean it; 1: a neighbour does
  std::vector<int64_t> related;    ///< numbers of neighbouring meanings
};

/// Reads `folder`/thesaurus.jsonl; none where there is no such file. @throws Error naming file and
/// line.
std::vector<Meaning> read_thesaurus(const std::filesystem::path& folder);

}  // namespace mezzotint
