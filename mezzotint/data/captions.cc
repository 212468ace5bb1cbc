#include "mezzotint/data/captions.h"

#include <functional>
#include <map>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

struct CaptionRow {
  std::string file_name;
  std::string text;
  std::vector<std::string> names, keywords, held_out;
  nlohmann::json translations = nlohmann::json::object();
  std::string group, subgroup;
  void fields(auto& f) {
    f("file_name", file_name);
    f("text", text);
    f("names", names);
    f("keywords", keywords);
    f("held_out", held_out);
    f("translations", translations);
    f("group", group);
    f("subgroup", subgroup);
  }
};

struct MeaningRow : Meaning {
  void fields(auto& f) {
    f("words", words);
    f("counts", counts);
    f("definition", definition);
    f("distance", distance);
    f("related", related);
  }
};

/// Calls take(where, json) for each line of a file.
void for_each_line(const fs::path& path,
                   const std::function<void(const std::string&, const nlohmann::json&)>& take) {
  const std::string content = read_file(path);
  size_t number = 0;
  for (size_t begin = 0; begin < content.size();) {
    const size_t end = std::min(content.find('\n', begin), content.size());
    const std::string where = concat(path.string(), ":", ++number);
    const std::string_view line = std::string_view(content).substr(begin, end - begin);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos)
      take(where, parse_json(line, where));
    begin = end + 1;
  }
}

/// The texts of all languages, in the order of their names.
std::vector<std::string> all_languages(const nlohmann::json& translations,
                                       const std::string& where) {
  std::map<std::string, std::vector<std::string>> by_language;
  if (!translations.is_object()) fail(where, ": translations: wanted an object of lists");
  for (const auto& [language, texts] : translations.items())
    value_from_json(by_language[language], texts, concat(where, ": translations: ", language));
  std::vector<std::string> all;
  for (const auto& [language, texts] : by_language)
    all.insert(all.end(), texts.begin(), texts.end());
  return all;
}

bool leaves_folder(const fs::path& file) {
  if (file.is_absolute()) return true;
  const fs::path plain = file.lexically_normal();
  return plain.empty() || *plain.begin() == "..";
}

CaptionedPicture picture_of(const CaptionRow& row, const fs::path& folder,
                            const std::string& where) {
  if (row.file_name.empty()) fail(where, ": file_name: is missing");
  if (row.text.empty()) fail(where, ": text: is missing");
  CaptionedPicture picture{row.file_name,
                           row.text,
                           row.names,
                           row.keywords,
                           row.held_out,
                           all_languages(row.translations, where),
                           {}};
  if (leaves_folder(picture.file))
    fail(where, ": file_name: '", row.file_name, "' leads out of ", folder.string());
  if (!fs::exists(folder / picture.file))
    fail(where, ": file_name: there is no ", (folder / picture.file).string());
  for (const std::string& group : {row.group, row.subgroup})
    if (!group.empty()) picture.groups.push_back(group);
  return picture;
}

}  // namespace

std::vector<CaptionedPicture> read_captions(const fs::path& folder) {
  const fs::path file = folder / "metadata.jsonl";
  if (!fs::is_directory(folder)) fail(folder.string(), ": no such folder");
  if (!fs::exists(file))
    fail(folder.string(),
         ": has no metadata.jsonl; wanted a line for each picture, such as {\"file_name\": "
         "\"0.png\", \"text\": \"red heart\"}");
  std::vector<CaptionedPicture> pictures;
  for_each_line(file, [&](const std::string& where, const nlohmann::json& json) {
    CaptionRow row;
    from_json(row, json, where);
    pictures.push_back(picture_of(row, folder, where));
  });
  if (pictures.empty()) fail(file.string(), ": has no lines");
  return pictures;
}

std::vector<Meaning> read_thesaurus(const fs::path& folder) {
  std::vector<Meaning> meanings;
  const fs::path file = folder / "thesaurus.jsonl";
  if (!fs::exists(file)) return meanings;
  for_each_line(file, [&](const std::string& where, const nlohmann::json& json) {
    MeaningRow row;
    from_json(row, json, where);
    if (row.words.empty() || row.counts.size() != row.words.size())
      fail(where, ": has ", row.words.size(), " words and ", row.counts.size(),
           " counts, wanted as many of each, at least one");
    meanings.push_back(row);
  });
  const auto count = static_cast<int64_t>(meanings.size());
  for (int64_t i = 0; i < count; ++i)
    for (const int64_t other : meanings[i].related)
      MEZZO_CHECK(other >= 0 && other < count, file.string(), ": meaning ", i, ": related: got ",
                  other, ", wanted 0 to ", count - 1);
  return meanings;
}

}  // namespace mezzotint
