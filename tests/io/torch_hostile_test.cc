// Fixtures: tools/reference/torch_files.py; the rest is written here, opcode by opcode.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/weights_folder.h"

#include "tests/io/damage.h"
#include "tests/io/pickle_program.h"
#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(MEZZOTINT_TEST_DATA) / "io/data";

/// The error that a file of these bytes gives; "" when it is read.
std::string error_of(const std::string& bytes) {
  const TemporaryFolder folder;
  put(folder / "x.bin", bytes);
  return message_of([&] { read_torch_file(folder / "x.bin"); });
}

struct Case {
  std::string file;
  std::string message;
};

void expect_each(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const std::string message = error_of(one.file);
    EXPECT_NE(message.find(one.message), std::string::npos)
        << "wanted: " << one.message << "\n   got: " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

std::string bytes_of(const char* name) { return contents(kData / name); }

TEST(TorchHostile, CodeIsRefusedByName) {
  const std::string call = pickled_tuple(pickled_text("echo hello")) + "R";
  expect_each({
      {legacy_file(pickled_global("os", "system") + call), "refuses 'os.system'"},
      {legacy_file(pickled_global("builtins", "eval") + call), "refuses 'builtins.eval'"},
      {legacy_file(pickled_global("__builtin__", "getattr") + call),
       "refuses '__builtin__.getattr'"},
      {legacy_file(pickled_global("numpy.core.multiarray", "scalar")), "multiarray.scalar'"},
      {legacy_file(pickled_global("torch.storage", "_load_from_bytes")), "_load_from_bytes'"},
      {legacy_file(pickled_global("torch", "load")), "refuses 'torch.load'"},
      {legacy_file(pickled_global("torch", "ComplexFloatStorage")), "'torch.ComplexFloatStorage'"},
      {legacy_file(pickled_global("torch", "")), "refuses 'torch.'"},
      {legacy_file(pickled_global("collections", "OrderedDict.update")), "OrderedDict.update'"},
      {legacy_file(pickled_text("os") + pickled_text("system") + "\x93"), "refuses 'os.system'"},
      {legacy_file(pickled_global("o\x1b[31ms", "x")), "refuses 'o\\x1b[31ms.x'"},
      {legacy_file("(ios\nsystem\n"), "refuses 'os.system'"},
      {legacy_file("(icollections\nOrderedDict\n"), "refuses to make an object of 'OrderedDict'"},
      {legacy_file(pickled_global("collections", "OrderedDict") + ")\x81"),
       "refuses to make an object of collections.OrderedDict"},
      {legacy_file("\x82\x01"), "refuses the pickle opcode '\\x82'"},  // EXT1
      {legacy_file(pickled_global("torch", "FloatStorage") + ")R"),
       "refuses to call torch.FloatStorage"},
      {legacy_file(pickled_text("x") + ")R"), "refuses to call 'x'"},
      {"cposix\nsystem\n(S'echo hello'\ntR.", "refuses 'posix.system'"},
      {std::string("\x80\x02") + pickled_global("os", "system") + call + ".",
       "refuses 'os.system'"},
      // Before anything else in the file is looked at:
      {legacy_file(pickled_dict("a", pickled_global("os", "system") + call)),
       "refuses 'os.system'"},
  });
}

TEST(TorchHostile, OtherFilesAreNamed) {
  const std::string tar = std::string("\x80") + std::string(256, 'x') + "ustar";
  expect_each({
      {"", "neither a zip archive nor a pickle"},
      {"hello", "neither a zip archive nor a pickle"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a git-lfs pointer"},
      {tar, "a tar file, as torch wrote before 0.1.10"},
      {bytes_of("torch_plain_pickle.bin"), "got a dict, wanted the magic number of torch.save"},
      {"\x80\x02K\x01.", "got 1, wanted the magic number"},
      {"\x80\x06.", "pickle protocol 6; wanted at most 5"},
      {"PK\5\6", "a zip file without its directory"},
  });
}

TEST(TorchHostile, MachineFaults) {
  const auto file = [](const std::string& program) { return legacy_file(program); };
  expect_each({
      {file(""), "takes a value from an empty stack"},
      {file("0"), "takes a value from an empty stack"},
      {file("("), "takes a value from an empty stack"},
      {file("t"), "goes back to a mark that isn't there"},
      {file("N(\x85"), "takes a value from an empty stack"},  // TUPLE1 must not reach below a mark
      {file("NNs"), "takes a value from an empty stack"},
      {file("NNNs"), "got None, wanted a dict"},
      {file("}(Nu"), "a key without a value"},
      {file("Na"), "takes a value from an empty stack"},
      {file(")Na"), "appends to a tuple"},
      {file("NNb"), "wanted an OrderedDict to give attributes to"},
      {file("h\x05"), "refers to value 5, not yet seen"},
      {file("j\xff\xff\xff\xff"), "refers to value 4294967295, not yet seen"},
      {file(std::string("NNN\x93")), "got None, wanted a name"},
      {file("X\xff\xff\xff\xff"), "wanted 4294967295 bytes"},
      {file("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"), "wanted 18446744073709551615 bytes"},
      {file("cos"), "a line without an end"},
      {file("NQ"), "a persistent id: got None, wanted a tuple"},
      {file(")Q"), "'storage' is missing"},
  });
  EXPECT_EQ(error_of(legacy_file("}")), "");  // a dict of nothing is a state_dict of nothing
}

TEST(TorchHostile, ValuesThatHoldThemselves) {
  expect_each({
      {legacy_file(std::string("]q\0h\0a", 6)), "holds a list of 1; wanted a state_dict"},
      {legacy_file(std::string("}q\0", 3) + pickled_text("state_dict") + std::string("h\0s", 3)),
       "holds no tensors"},
  });
}

TEST(TorchHostile, ShortProgramsDontMakeLongValues) {
  std::string many = "(";
  for (int i = 0; i < 5000; ++i) many += "N";
  many += std::string("tq\0", 3) + pickled_global("torch", "Size") + "q\x01";
  for (int i = 0; i < 5000; ++i) many += std::string("h\x01h\0\x85R", 6);
  expect_each({{legacy_file(many), "more than 10000000 values"}});
}

std::string tensor_file(const std::string& tensor, uint64_t count = 4,
                        const std::string& bytes = std::string(16, '\0')) {
  return legacy_file(pickled_dict("w", tensor), legacy_storage("7", count, bytes));
}

std::string numbers(std::initializer_list<int64_t> values) {
  std::string items;
  for (const int64_t value : values) items += pickled_number(value);
  return pickled_tuple(items);
}

TEST(TorchHostile, TensorsStayInsideTheirStorage) {
  const std::string storage = pickled_storage("7", "FloatStorage", 4);
  const auto view = [&](int64_t offset, std::initializer_list<int64_t> sizes,
                        std::initializer_list<int64_t> strides) {
    return tensor_file(pickled_tensor(storage, offset, numbers(sizes), numbers(strides)));
  };
  constexpr int64_t kHuge = int64_t{1} << 62U;
  for (const std::string& sound : {view(0, {4}, {1}), view(3, {}, {}), view(1, {2, 2}, {1, 1}),
                                   view(4, {0, 3}, {3, 1}), view(0, {1000}, {0})})
    EXPECT_EQ(error_of(sound), "");
  const std::string outside = "a tensor reaches outside its storage '7' of 4 elements";
  expect_each({
      {view(0, {5}, {1}), outside},
      {view(1, {4}, {1}), outside},
      {view(4, {}, {}), outside},
      {view(0, {2, 2}, {3, 1}), outside},
      {view(5, {0}, {1}), outside},
      {view(INT64_MAX, {1}, {1}), outside},
      {view(0, {kHuge}, {1}), outside},
      {view(0, {kHuge, 8}, {0, 0}), outside},
      {view(0, {kHuge, kHuge, 0}, {1, 1, 1}), outside},
      {view(0, {3}, {kHuge}), outside},
      {view(0, {2, 2}, {kHuge, kHuge}), outside},
      {view(0, {int64_t{1} << 40U}, {0}), outside},
      {view(-1, {1}, {1}), "got -1, wanted the offset, at least 0"},
      {view(0, {-1}, {1}), "got -1, wanted a number, at least 0"},
      {view(3, {2}, {-1}), "got -1, wanted a number, at least 0"},
      {view(0, {4}, {}), "a tensor of 1 size and 0 strides"},
  });
}

TEST(TorchHostile, TensorArgumentsAreWhatTheyShouldBe) {
  const std::string storage = pickled_storage("7", "FloatStorage", 4);
  std::string long_tuple = "(";
  for (int i = 0; i < 65; ++i) long_tuple += "K\x01";
  long_tuple += "t";
  const std::string rebuild = pickled_global("torch._utils", "_rebuild_tensor_v2");
  const std::string untyped =
      pickled_tuple(pickled_text("storage"), pickled_global("torch.storage", "UntypedStorage"),
                    pickled_text("7"), pickled_text("cpu"), pickled_number(16)) +
      "Q";
  expect_each({
      {tensor_file(pickled_tensor(storage, 0, long_tuple, long_tuple)),
       "a tensor of 65 dimensions"},
      {tensor_file(pickled_tensor("N", 0, numbers({1}), numbers({1}))),
       "got None, wanted a storage"},
      {tensor_file(pickled_tensor(storage, 0, "N", "N")), "got None, wanted the sizes"},
      {tensor_file(pickled_tensor(storage, 0, "]", "]")), "got a list of 0, wanted a tuple"},
      {tensor_file(rebuild + ")R"), "got 0 parts, a storage is missing"},
      {tensor_file(rebuild + "NR"), "got None, wanted a tuple"},
      {tensor_file(pickled_tensor(untyped, 0, numbers({1}), numbers({1}))),
       "without an element type"},
      {tensor_file(pickled_tensor(storage, 0, numbers({1}), numbers({1})), 3),
       "has 3 elements, but 4 are"},
      {tensor_file(pickled_tensor(storage, 0, numbers({1}), numbers({1})), 4, std::string(15, 'x')),
       "wanted 16 bytes, got the last 15"},
      {legacy_file(pickled_dict("w", pickled_tensor(storage, 0, numbers({}), numbers({})))),
       "the storage '7' is missing"},
      {legacy_file("}", legacy_storage("8", 0, "")), "the storage '8' belongs to no tensor"},
      {legacy_file("}" + pickled_storage("7", "FloatStorage", 4) + "0" +
                   pickled_storage("7", "IntStorage", 4) + "0"),
       "the storage '7' is described in two ways"},
      {legacy_file(pickled_storage("7", "FloatStorage", INT64_MAX)),
       "a storage of 9223372036854775807"},
      {legacy_file(pickled_storage("7", "FloatStorage", -1)),
       "got -1, wanted the number of elements"},
      {legacy_file(pickled_tuple(pickled_text("module")) + "Q"), "a persistent id of 'module'"},
      {legacy_file(pickled_storage("7", "float32", 1)), "got torch.float32, wanted a storage type"},
      {legacy_file(pickled_dict("w", pickled_tensor(pickled_storage("7", "BoolStorage", 1), 0,
                                                    numbers({1}), numbers({1}))),
                   legacy_storage("7", 1, "\2")),
       "neither 0 nor 1"},
  });
}

TEST(TorchHostile, ViewsOfStorages) {
  const auto file = [](int64_t begin, int64_t count, int64_t offset) {
    const std::string view =
        pickled_tuple(pickled_text("v"), pickled_number(begin), pickled_number(count));
    const std::string storage = pickled_storage("7", "FloatStorage", 4, view);
    return tensor_file(pickled_tensor(storage, offset, numbers({2}), numbers({1})), 4,
                       std::string("\0\0\0\0\0\0\x80?\0\0\0@\0\0@@", 16));
  };
  const TemporaryFolder folder;
  put(folder / "x.bin", file(1, 3, 1));  // before torch 0.4: elements 2 and 3 of 0 1 2 3
  const Tensor tensor = read_torch_file(folder / "x.bin").at("w");
  EXPECT_EQ(tensor[0].item<float>(), 2);
  EXPECT_EQ(tensor[1].item<float>(), 3);
  expect_each({
      {file(1, 2, 1), "reaches outside its storage '7' of 2 elements"},
      {file(2, 3, 0), "a view of 3 elements from 2 on, in a storage of 4"},
      {file(INT64_MAX, INT64_MAX, 0), "a view of 9223372036854775807 elements"},
  });
}

const std::string kModule = pickled_global("__torch__.net", "Net") + ")\x81";

/// A module with attributes, which are texts and opcodes in turn.
template <class... Parts>
std::string pickled_module(const Parts&... parts) {
  return kModule + "}(" + (std::string() + ... + parts) + "ub";
}

TEST(TorchHostile, ModulesHaveDottedNames) {
  const std::string tensor =
      pickled_tensor(pickled_storage("7", "FloatStorage", 4), 0, numbers({4}), numbers({1}));
  const std::string tail = legacy_storage("7", 4, std::string(16, '\0'));
  const auto file = [&](const std::string& object) { return legacy_file(object, tail); };
  const std::string inner =
      pickled_module(pickled_text("w"), tensor, pickled_text("training"), std::string("\x89"));
  const TemporaryFolder folder;
  put(folder / "x.bin", file(pickled_module(pickled_text("a"), inner, pickled_text("b"), tensor,
                                            pickled_text("c.d"), inner)));
  EXPECT_EQ(read_torch_file(folder / "x.bin").keys(),
            (std::vector<std::string>{"b", "a.w", "c.d.w"}));
  EXPECT_EQ(error_of(legacy_file(pickled_module())), "");
  const std::string list = pickled_global("torch.jit._pickle", "build_intlist");
  EXPECT_EQ(error_of(file(pickled_module(pickled_text("l"), list, std::string("]\x85R"),
                                         pickled_text("w"), tensor))),
            "");
  expect_each({
      {legacy_file(kModule), "an object of '__torch__.net.Net' has no attributes"},
      {legacy_file(pickled_module(pickled_text("a"), kModule)), "has no attributes"},
      {legacy_file(kModule + "}b}b"), "is given attributes twice"},
      {legacy_file(kModule + "Nb"), "got None, wanted its attributes"},
      {legacy_file(pickled_global("__torch__.net", "Net") + "K\x01\x85\x81"),
       "got 1 argument, wanted none"},
      {legacy_file(pickled_global("__torch__.net", "Net") + "N\x81"), "got None, wanted a tuple"},
      {legacy_file(pickled_global("__torch__.net", "Net") + ")R"),
       "refuses to call __torch__.net.Net, which is a type"},
      {legacy_file(pickled_global("__torch__x", "Net")), "refuses '__torch__x.Net'"},
      {legacy_file("N)\x81"), "refuses to make an object of None"},
      {legacy_file(list + "N\x85R"), "got None, wanted a list or a dict"},
      {file(pickled_module(std::string("K\x01"), tensor)), "an attribute is named 1"},
      {file(pickled_module("X\x01" + std::string(3, '\0') + "\xff", tensor)),
       "'\\xff' is not UTF-8"},
  });
}

TEST(TorchHostile, ModulesInModulesAreBounded) {
  // A module whose attribute is itself: memo 0.
  const std::string itself =
      kModule + std::string("q\0}", 3) + pickled_text("me") + std::string("h\0sb", 4);
  std::string deep = kModule + "}b";
  for (int i = 0; i < 70; ++i) deep = concat(kModule, pickled_dict("m", deep), "b");
  // Each module holds the one before it twice: 2^60 names.
  std::string wide = kModule + "}bq" + std::string(1, '\0');
  for (int i = 0; i < 60; ++i) {
    const auto before = "h" + std::string(1, static_cast<char>(i));
    wide += pickled_module(pickled_text("a"), before, pickled_text("b"), before) + "q" +
            std::string(1, static_cast<char>(i + 1));
  }
  expect_each({
      {legacy_file(itself), "the module 'me.' stands in itself"},
      {legacy_file(deep), "modules in modules more than 64 deep"},
      {legacy_file(wide), "more names of modules than any network has"},
  });
}

TEST(TorchHostile, StateDictsAreFound) {
  const std::string tensor =
      pickled_tensor(pickled_storage("7", "FloatStorage", 4), 0, numbers({4}), numbers({1}));
  const std::string tail = legacy_storage("7", 4, std::string(16, '\0'));
  const auto keys = [&](const std::string& object) {
    const TemporaryFolder folder;
    put(folder / "x.bin", legacy_file(object, tail));
    return read_torch_file(folder / "x.bin").keys();
  };
  const std::string two = "}" + pickled_text("net") + pickled_dict("a", tensor) + "s";
  EXPECT_EQ(keys(two), std::vector<std::string>{"a"});
  EXPECT_EQ(keys(two + pickled_text("model_state_dict") + pickled_dict("b", tensor) + "s"),
            std::vector<std::string>{"b"});
  EXPECT_EQ(keys(two + pickled_text("best") + tensor + "s" + pickled_text("state_dict") +
                 pickled_dict("c", tensor) + "s"),
            std::vector<std::string>{"c"});
  const auto error = [&](const std::string& object) { return legacy_file(object, tail); };
  expect_each({
      {error(two + pickled_text("ema") + pickled_dict("b", tensor) + "s"),
       "several dicts of tensors: 'ema', 'net'"},
      {error(two + pickled_text("w") + tensor + "s"), "'net' is a dict of tensors among tensors"},
      {error("}K\x01" + tensor + "s"), "a tensor is named 1, wanted a text"},
      {error("}X\x01" + std::string(3, '\0') + "\xff" + tensor + "s"), "'\\xff' is not UTF-8"},
      {error(tensor), "holds a tensor; wanted a state_dict"},
      {legacy_file(pickled_dict("epoch", "K\x03")), "holds no tensors"},
  });
}

TEST(TorchHostile, ZipFaults) {
  const std::string whole = bytes_of("torch_zip.bin");
  const auto with = [&](size_t position, const std::string& bytes) {
    return std::string(whole).replace(position, bytes.size(), bytes);
  };
  const size_t program = whole.find("data.pkl");
  const size_t directory = whole.find("PK\1\2");
  const size_t values = whole.find(std::string("\0\0\x00\x3e", 4));  // 1/8 among the floats
  expect_each({
      {with(program, "data.pkx"), "has another name in its zip header"},
      {with(values, "\1"), "its checksum is not what the zip directory says"},
      {with(directory, "PK\1\3"), "this is no such record"},
      {with(directory + 8, "\1"), "encrypted"},
      {with(directory + 10, "\x0c"), "packed by zip method 12; wanted stored (0) or deflated (8)"},
      {with(directory + 20, "\xff\xff"), "stored, but with two sizes"},
      {with(directory + 42, "\xff\xff\xff\x7f"), "a zip offset of 2147483647 beyond the end"},
      {whole.substr(0, whole.size() - 30), "a zip file without its directory"},
  });
  const std::string packed = bytes_of("torch_deflated_zip.bin");
  const size_t first = packed.find("PK\1\2");
  std::string bomb = packed;
  bomb.replace(first + 24, 4, "\xff\xff\xff\x7f");
  EXPECT_NE(error_of(bomb).find("packed bytes can't hold 2147483647"), std::string::npos);
}

/// Modules as a stream of pickles, which has no checksums that would find the damage first.
std::string script_program() {
  const std::string tensor =
      pickled_tensor(pickled_storage("7", "FloatStorage", 4), 0, numbers({4}), numbers({1}));
  const std::string inner = pickled_module(pickled_text("w"), tensor);
  return legacy_file(pickled_module(pickled_text("a"), inner, pickled_text("b"), inner),
                     legacy_storage("7", 4, std::string(16, '\0')));
}

TEST(TorchHostile, DamageOnlyEverThrowsError) {
  const auto read = [](const fs::path& path) {
    for (const auto& [key, tensor] : read_torch_file(path)) tensor.clone();
  };
  expect_only_errors(bytes_of("torch_nested_zip.bin"), 1 << 20, 2000, read);
  expect_only_errors(bytes_of("torch_deflated_zip.bin"), 1 << 20, 1000, read);
  expect_only_errors(script_program(), 3000, 3000, read);
  expect_only_errors(bytes_of("torch_legacy.bin"), 1500, 2000, read);
}

}  // namespace
}  // namespace mezzotint
