// Any operator by its name, through the dispatcher's boxed interface.
#include "common.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/function_schema.h>
#include <ATen/core/stack.h>

#include <map>
#include <memory>
#include <mutex>
#include <sstream>

using namespace lepton;

struct lt_operator_entry {
  explicit lt_operator_entry(c10::OperatorHandle found) : handle(std::move(found)) {}
  c10::OperatorHandle handle;
};

namespace {

// Entries stay for the life of the process, so callers keep their addresses without counting.
struct Registry {
  std::mutex mutex;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<lt_operator_entry>> entries;
};

Registry& registry() {
  static auto* instance = new Registry();
  return *instance;
}

std::vector<std::string> overloads_of(const std::string& name) {
  std::vector<std::string> overloads;
  for (const auto& operator_name : c10::Dispatcher::singleton().getAllOpNames()) {
    if (operator_name.name == name) {
      overloads.push_back(operator_name.overload_name);
    }
  }
  return overloads;
}

std::string joined(const std::string& name, const std::vector<std::string>& overloads) {
  std::string text;
  for (const auto& overload : overloads) {
    text += (text.empty() ? "" : ", ") + name + (overload.empty() ? "" : "." + overload);
  }
  return text;
}

c10::OperatorHandle find(const std::string& name, const char* overload) {
  auto& dispatcher = c10::Dispatcher::singleton();
  if (auto found = dispatcher.findSchema({name, overload == nullptr ? "" : overload})) {
    return *found;
  }
  const auto overloads = overloads_of(name);
  if (overload == nullptr && overloads.size() == 1) {
    if (auto found = dispatcher.findSchema({name, overloads[0]})) {
      return *found;
    }
  }
  if (overloads.empty()) {
    throw Failure(LT_UNKNOWN_OPERATOR, "this libtorch has no operator " + name);
  }
  throw Failure(LT_UNKNOWN_OPERATOR, name + " is asked for by one of " + joined(name, overloads));
}

double double_of(int64_t bits) {
  double number;
  std::memcpy(&number, &bits, sizeof(number));
  return number;
}

[[noreturn]] void refuse(const c10::Argument& argument, const char* given) {
  throw Failure(LT_ARGUMENT, "argument '" + argument.name() + "' is a " + argument.type()->str() + ", not " + given);
}

const char* kind_name(int32_t kind) {
  static const char* const names[] = {"none", "a tensor", "tensors", "an integer", "a float", "a boolean", "integers",
                                      "floats", "booleans", "a string", "a device", "a generator"};
  return kind >= 0 && kind <= LT_GENERATOR ? names[kind] : "an unknown kind of value";
}

// The type behind the optionals around it.
c10::TypePtr bare(c10::TypePtr type) {
  while (type->kind() == c10::TypeKind::OptionalType) {
    type = type->castRaw<c10::OptionalType>()->getElementType();
  }
  return type;
}

c10::IValue list_value(const lt_value& value, const c10::Argument& argument, const c10::TypePtr& element) {
  const auto count = static_cast<size_t>(value.count);
  switch (value.kind) {
    case LT_TENSORS: {
      const auto* handles = reinterpret_cast<const lt_tensor*>(value.bits);
      if (element->kind() == c10::TypeKind::OptionalType) {
        c10::List<c10::optional<at::Tensor>> list;
        list.reserve(count);
        for (size_t i = 0; i < count; i++) {
          list.push_back(optional_of(handles[i]));
        }
        return list;
      }
      if (element->kind() != c10::TypeKind::TensorType) {
        refuse(argument, "tensors");
      }
      return c10::IValue(tensors_of(handles, value.count));
    }
    case LT_INTS: {
      const auto* items = reinterpret_cast<const int64_t*>(value.bits);
      if (element->kind() == c10::TypeKind::FloatType) {
        return c10::IValue(std::vector<double>(items, items + count));
      }
      if (element->kind() == c10::TypeKind::BoolType) {
        refuse(argument, "integers");
      }
      return c10::IValue(std::vector<int64_t>(items, items + count));
    }
    case LT_FLOATS: {
      const auto* items = reinterpret_cast<const double*>(value.bits);
      return c10::IValue(std::vector<double>(items, items + count));
    }
    case LT_BOOLS: {
      const auto* items = reinterpret_cast<const uint8_t*>(value.bits);
      c10::List<bool> list;
      list.reserve(count);
      for (size_t i = 0; i < count; i++) {
        list.push_back(items[i] != 0);
      }
      return list;
    }
    case LT_INT: // One integer for int[2] and the like; the dispatcher alone does not widen it.
    case LT_FLOAT: {
      const int32_t length = argument.N().value_or(1);
      if (element->kind() == c10::TypeKind::FloatType) {
        const double item = value.kind == LT_INT ? static_cast<double>(value.bits) : double_of(value.bits);
        return c10::IValue(std::vector<double>(length, item));
      }
      if (value.kind == LT_FLOAT) {
        refuse(argument, kind_name(value.kind));
      }
      return c10::IValue(std::vector<int64_t>(length, value.bits));
    }
    case LT_TENSOR:
      if (element->kind() == c10::TypeKind::TensorType) {
        return c10::IValue(std::vector<at::Tensor>{view(reinterpret_cast<lt_tensor>(value.bits))});
      }
      refuse(argument, kind_name(value.kind));
    default:
      refuse(argument, kind_name(value.kind));
  }
}

c10::IValue number_value(const lt_value& value, const c10::Argument& argument, c10::TypeKind kind) {
  switch (value.kind) {
    case LT_INT:
      return kind == c10::TypeKind::FloatType  ? c10::IValue(static_cast<double>(value.bits))
             : kind == c10::TypeKind::BoolType ? c10::IValue(value.bits != 0)
                                               : c10::IValue(value.bits);
    case LT_FLOAT:
      if (kind == c10::TypeKind::IntType || kind == c10::TypeKind::BoolType) {
        refuse(argument, kind_name(value.kind));
      }
      return c10::IValue(double_of(value.bits));
    case LT_BOOL:
      return kind == c10::TypeKind::IntType ? c10::IValue(static_cast<int64_t>(value.bits != 0))
             : kind == c10::TypeKind::FloatType ? c10::IValue(value.bits != 0 ? 1.0 : 0.0)
                                                : c10::IValue(value.bits != 0);
    case LT_TENSOR: // An element of a tensor where a number is wanted.
      return c10::IValue(view(reinterpret_cast<lt_tensor>(value.bits)).item());
    default:
      refuse(argument, kind_name(value.kind));
  }
}

c10::IValue value_of(const lt_value& value, const c10::Argument& argument) {
  if (value.kind == LT_NONE) {
    return c10::IValue();
  }
  const c10::TypePtr type = bare(argument.type());
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      if (value.kind != LT_TENSOR) {
        refuse(argument, kind_name(value.kind));
      }
      return c10::IValue(view(reinterpret_cast<lt_tensor>(value.bits)));
    case c10::TypeKind::ListType:
      return list_value(value, argument, type->castRaw<c10::ListType>()->getElementType());
    case c10::TypeKind::StringType:
      if (value.kind != LT_STRING) {
        refuse(argument, kind_name(value.kind));
      }
      return c10::IValue(std::string(reinterpret_cast<const char*>(value.bits), value.count));
    case c10::TypeKind::DeviceObjType:
      if (value.kind != LT_DEVICE) {
        refuse(argument, kind_name(value.kind));
      }
      return c10::IValue(device_of(static_cast<int32_t>(value.bits), value.count));
    case c10::TypeKind::GeneratorType:
      if (value.kind != LT_GENERATOR) {
        refuse(argument, kind_name(value.kind));
      }
      return c10::IValue(reinterpret_cast<const at::Generator&>(value.bits));
    default:
      return number_value(value, argument, type->kind());
  }
}

// A list of one more number than `count` is asked for would be a fault of the caller's that nothing reports: so
// arguments are put into their places here, and each place is filled once.
void push_arguments(const c10::FunctionSchema& schema, const lt_value* arguments, int32_t count,
                    torch::jit::Stack& stack) {
  const auto& wanted = schema.arguments();
  size_t placed = 0;
  while (placed < static_cast<size_t>(count) && arguments[placed].name == nullptr) {
    placed++;
  }
  if (placed > wanted.size()) {
    throw Failure(LT_ARGUMENT, "takes " + std::to_string(wanted.size()) + " arguments, not " +
                                   std::to_string(placed));
  }
  std::vector<const lt_value*> named(wanted.size(), nullptr);
  for (size_t i = placed; i < static_cast<size_t>(count); i++) {
    const char* name = arguments[i].name;
    const auto index = name == nullptr ? c10::nullopt : schema.argumentIndexWithName(name);
    if (!index.has_value()) {
      throw Failure(LT_ARGUMENT, name == nullptr ? "an argument by place stands behind one by name"
                                                 : "has no argument '" + std::string(name) + "'");
    }
    if (static_cast<size_t>(*index) < placed || named[*index] != nullptr) {
      throw Failure(LT_ARGUMENT, "argument '" + std::string(name) + "' is given twice");
    }
    named[*index] = &arguments[i];
  }
  stack.reserve(wanted.size());
  for (size_t i = 0; i < wanted.size(); i++) {
    const lt_value* given = i < placed ? &arguments[i] : named[i];
    if (given != nullptr) {
      stack.push_back(value_of(*given, wanted[i]));
    } else if (wanted[i].default_value().has_value()) {
      stack.push_back(*wanted[i].default_value());
    } else {
      throw Failure(LT_ARGUMENT, "argument '" + wanted[i].name() + "' (" + wanted[i].type()->str() + ") is missing");
    }
  }
}

template <class T>
T* buffer_of(size_t count) {
  auto* buffer = static_cast<T*>(lt_alloc(count * sizeof(T)));
  if (buffer == nullptr) {
    throw std::bad_alloc();
  }
  return buffer;
}

template <class T>
void set_list(lt_value& result, int32_t kind, const std::vector<T>& items) {
  auto* buffer = buffer_of<T>(items.size());
  std::copy(items.begin(), items.end(), buffer);
  result.kind = kind;
  result.count = static_cast<int32_t>(items.size());
  result.bits = reinterpret_cast<int64_t>(buffer);
}

void set_scalar(lt_value& result, const at::Scalar& value) {
  const lt_scalar scalar = scalar_from(value);
  result.kind = scalar.kind == LT_SCALAR_INT ? LT_INT : scalar.kind == LT_SCALAR_FLOAT ? LT_FLOAT : LT_BOOL;
  result.bits = scalar.bits;
}

lt_value result_of(const c10::IValue& value) {
  lt_value result{LT_NONE, 0, 0, nullptr};
  if (value.isTensor()) {
    lt_tensor handle = give(value.toTensor());
    result.kind = handle == nullptr ? LT_NONE : LT_TENSOR;
    result.bits = reinterpret_cast<int64_t>(handle);
  } else if (value.isTensorList()) {
    const auto tensors = value.toTensorVector();
    auto* buffer = buffer_of<lt_tensor>(tensors.size());
    for (size_t i = 0; i < tensors.size(); i++) {
      buffer[i] = give(tensors[i]);
    }
    result.kind = LT_TENSORS;
    result.count = static_cast<int32_t>(tensors.size());
    result.bits = reinterpret_cast<int64_t>(buffer);
  } else if (value.isScalar()) {
    set_scalar(result, value.toScalar());
  } else if (value.isIntList()) {
    set_list(result, LT_INTS, value.toIntVector());
  } else if (value.isDoubleList()) {
    set_list(result, LT_FLOATS, value.toDoubleVector());
  } else if (value.isString()) {
    result.kind = LT_STRING;
    result.count = static_cast<int32_t>(value.toStringRef().size());
    result.bits = reinterpret_cast<int64_t>(text_of(value.toStringRef()));
  } else if (value.isDevice()) {
    result.kind = LT_DEVICE;
    result.count = value.toDevice().index();
    result.bits = static_cast<int64_t>(value.toDevice().type());
  } else if (!value.isNone()) {
    throw Failure(LT_ARGUMENT, "gives a " + value.tagKind() + ", which can't be handed out");
  }
  return result;
}

} // namespace

extern "C" {

lt_status lt_operator_find(const char* name, const char* overload, lt_operator* result) {
  return guarded([&] {
    Registry& known = registry();
    const std::lock_guard<std::mutex> lock(known.mutex);
    auto& entry = known.entries[{name, overload == nullptr ? "?" : overload}];
    if (entry == nullptr) {
      entry = std::make_unique<lt_operator_entry>(find(name, overload));
    }
    *result = entry.get();
  });
}

lt_status lt_operator_schema(lt_operator op, char** text) {
  return guarded([&] {
    std::ostringstream stream;
    stream << op->handle.schema();
    *text = text_of(stream.str());
  });
}

lt_status lt_operator_call(lt_operator op, const lt_value* arguments, int32_t argument_count, lt_value* results,
                           int32_t capacity, int32_t* count) {
  return guarded([&] {
    torch::jit::Stack stack;
    push_arguments(op->handle.schema(), arguments, argument_count, stack);
    op->handle.callBoxed(&stack);
    if (stack.size() > static_cast<size_t>(capacity)) {
      throw Failure(LT_ARGUMENT, "gives " + std::to_string(stack.size()) + " results, room for " +
                                     std::to_string(capacity));
    }
    for (size_t i = 0; i < stack.size(); i++) {
      results[i] = result_of(stack[i]);
    }
    *count = static_cast<int32_t>(stack.size());
  });
}

void lt_value_release(lt_value* value) {
  switch (value->kind) {
    case LT_TENSORS:
    case LT_INTS:
    case LT_FLOATS:
    case LT_BOOLS:
    case LT_STRING:
      lt_free(reinterpret_cast<void*>(value->bits));
      value->bits = 0;
      value->count = 0;
      break;
    default:
      break;
  }
}

} // extern "C"
