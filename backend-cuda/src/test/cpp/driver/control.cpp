// The way in for tests: native methods of dev.jangada.cuda.sim.CudaSim.
#include <jni.h>

#include "call.h"
#include "checker.h"
#include "memory.h"

using namespace sim;

#define NATIVE(type, name) extern "C" JNIEXPORT type JNICALL Java_dev_jangada_cuda_sim_CudaSim_##name

namespace {

struct JavaString {
  JNIEnv* env;
  jstring string;
  const char* text;
  JavaString(JNIEnv* env, jstring string) : env(env), string(string), text(env->GetStringUTFChars(string, nullptr)) {}
  ~JavaString() { env->ReleaseStringUTFChars(string, text); }
};

}  // namespace

/** Whether there is a setting of that name. */
NATIVE(jboolean, setNative)(JNIEnv* env, jclass, jstring name, jlong value) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  JavaString given(env, name);
  long* found = setting(given.text);
  if (!found) return JNI_FALSE;
  if (found == &settings.check && value && !settings.check) {
    settings.check = value;
    trustAllMemory();
  }
  *found = value;
  if (found == &settings.seed) seedRandom(value);
  return JNI_TRUE;
}

/** The value of a setting that there is. */
NATIVE(jlong, getNative)(JNIEnv* env, jclass, jstring name) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  JavaString given(env, name);
  return *setting(given.text);
}

/** Runs the work of all devices. */
NATIVE(void, finishNative)(JNIEnv*, jclass) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  for (int device = 0; device < 4; device++) runEverything(contextOf(device));
}

/** Runs all work and forgets faults, reports and captures; returns how many allocations of the device live. */
NATIVE(jint, resetNative)(JNIEnv*, jclass) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  int live = 0;
  settings.failAllocation = settings.failLaunch = settings.refusals = settings.lost = 0;
  for (int device = 0; device < 4; device++) {
    Context* context = contextOf(device);
    for (Stream* stream : context->streams) {
      stream->capture = nullptr;
      stream->origin = false;
      stream->frontier.clear();
    }
    runEverything(context);
    context->failure = SUCCESS;
    context->detail.clear();
    live += liveAllocations(device);
  }
  takeReports();
  return live;
}

NATIVE(jstring, takeReportsNative)(JNIEnv* env, jclass) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  return env->NewStringUTF(takeReports().c_str());
}

NATIVE(jlong, launchesNative)(JNIEnv*, jclass) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  return static_cast<jlong>(contextOf(0)->launches);
}

NATIVE(jint, liveAllocationsNative)(JNIEnv*, jclass) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  return liveAllocations(0);
}
