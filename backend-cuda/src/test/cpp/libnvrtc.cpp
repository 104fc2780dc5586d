// Simulated NVRTC: compiles CUDA C with g++ against shim.h; the "PTX" it returns names the shared object.
#include "cudasim.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <regex>
#include <vector>
#include <map>
#include <set>
#include <fstream>
#include <sstream>
#include <dlfcn.h>
#include <glob.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/wait.h>
using std::string; typedef int R;
struct Prog { string src,name,log,ptx; std::vector<std::pair<string,string>> hdr; std::vector<string> exprs; bool ok=false,cubin=false; };
static const int ARCHS[]={75,80,86,87,88,89,90,100,103,110,120,121};
static string env(const char* n,const string& d){ const char* v=getenv(n); return v&&*v?v:d; }
static string slurp(const string& f){ std::ifstream i(f,std::ios::binary); std::stringstream s; s<<i.rdbuf(); return s.str(); }
static void spew(const string& f,const string& s){ std::ofstream o(f,std::ios::binary); o<<s; }
static string hash(const string& s){ uint64_t a=1469598103934665603ull,b=1099511628211ull*7; for(unsigned char c:s){ a=(a^c)*1099511628211ull; b=(b+c)*0x9E3779B97F4A7C15ull; b^=b>>29; } char x[40]; snprintf(x,40,"%016llx%016llx",(unsigned long long)a,(unsigned long long)b); return x; }
static int sh(const string& cmd,string& out){ FILE* p=popen((cmd+" 2>&1").c_str(),"r"); if(!p) return -1; char b[8192]; size_t n; while((n=fread(b,1,sizeof b,p))>0) out.append(b,n); int r=pclose(p); return WIFEXITED(r)?WEXITSTATUS(r):-1; }
static string q(const string& s){ string o="'"; for(char c:s){ if(c=='\'') o+="'\\''"; else o+=c; } return o+"'"; }
CS_API const char* nvrtcGetErrorString(R r){ static const char* n[]={"NVRTC_SUCCESS","NVRTC_ERROR_OUT_OF_MEMORY","NVRTC_ERROR_PROGRAM_CREATION_FAILURE","NVRTC_ERROR_INVALID_INPUT","NVRTC_ERROR_INVALID_PROGRAM","NVRTC_ERROR_INVALID_OPTION","NVRTC_ERROR_COMPILATION","NVRTC_ERROR_BUILTIN_OPERATION_FAILURE","NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION","NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION","NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID","NVRTC_ERROR_INTERNAL_ERROR"}; return r>=0&&r<=11?n[r]:"NVRTC_ERROR unknown"; }
CS_API R nvrtcVersion(int* a,int* b){ *a=13; *b=1; return 0; }
CS_API R nvrtcGetNumSupportedArchs(int* n){ *n=sizeof ARCHS/sizeof*ARCHS; return 0; }
CS_API R nvrtcGetSupportedArchs(int* a){ memcpy(a,ARCHS,sizeof ARCHS); return 0; }
CS_API R nvrtcCreateProgram(Prog** p,const char* src,const char* name,int n,const char* const* h,const char* const* in){ if(!p||!src) return 3; *p=new Prog; (*p)->src=src; (*p)->name=name?name:"default_program"; for(int i=0;i<n;i++) (*p)->hdr.push_back({in[i],h[i]}); return 0; }
CS_API R nvrtcDestroyProgram(Prog** p){ delete *p; *p=nullptr; return 0; }
CS_API R nvrtcAddNameExpression(Prog* p,const char* e){ p->exprs.push_back(e); return 0; }
CS_API R nvrtcGetLoweredName(Prog* p,const char* e,const char** out){ for(auto&x:p->exprs) if(x==e){ *out=x.c_str(); return 0; } return 10; }
static R real_check(Prog* p,int n,const char* const* o){ string lib=env("CUDASIM_REAL_NVRTC",""); if(lib.empty()) return 0; static bool once=false; if(!once){ once=true; glob_t g; if(!glob((lib.substr(0,lib.rfind('/')+1)+"libnvrtc-builtins.so.*").c_str(),0,nullptr,&g)){ for(size_t i=0;i<g.gl_pathc;i++) dlopen(g.gl_pathv[i],RTLD_NOW|RTLD_LOCAL); globfree(&g); } } /* NVRTC dlopens its builtins by soname */
  static void* h=dlopen(lib.c_str(),RTLD_NOW|RTLD_LOCAL); if(!h){ fprintf(stderr,"cudasim: CUDASIM_REAL_NVRTC: %s\n",dlerror()); return 0; }
  #define F(n,...) auto n=(int(*)(__VA_ARGS__))dlsym(h,"nvrtc" #n)
  F(CreateProgram,void**,const char*,const char*,int,const char*const*,const char*const*); F(CompileProgram,void*,int,const char*const*); F(GetProgramLogSize,void*,size_t*); F(GetProgramLog,void*,char*); F(DestroyProgram,void**); F(AddNameExpression,void*,const char*);
  std::vector<const char*> hs,in; for(auto&x:p->hdr){ in.push_back(x.first.c_str()); hs.push_back(x.second.c_str()); } void* rp=nullptr; int r=CreateProgram(&rp,p->src.c_str(),p->name.c_str(),hs.size(),hs.data(),in.data()); if(r) return r; for(auto&e:p->exprs) AddNameExpression(rp,e.c_str());
  r=CompileProgram(rp,n,o); size_t z=0; GetProgramLogSize(rp,&z); string l(z,0); GetProgramLog(rp,&l[0]); while(!l.empty()&&!l.back()) l.pop_back(); p->log+=l; DestroyProgram(&rp); return r; }
CS_API R nvrtcCompileProgram(Prog* p,int n,const char* const* o){ if(!p) return 4; p->log.clear(); p->ok=false; R r=real_check(p,n,o); if(r) return r;
  string defs; int arch=75; bool sm=false,fmad=true; string std_="c++17";
  for(int i=0;i<n;i++){ string s=o[i]; auto val=[&](std::initializer_list<const char*> l,string& v){ for(string k:l){ if(s==k && i+1<n){ v=o[++i]; return true; } if(s.compare(0,k.size()+1,k+"=")==0){ v=s.substr(k.size()+1); return true; } } return false; }; string v;
    if(val({"--gpu-architecture","-arch"},v)){ sm=v.compare(0,3,"sm_")==0; size_t u=v.find('_'); arch=u==string::npos?0:atoi(v.c_str()+u+1); bool f=false; for(int a:ARCHS) f|=a==arch; if(!f){ p->log="nvrtc: error: invalid value for --gpu-architecture (-arch)\n"; return 5; } }
    else if(val({"--std","-std"},v)) std_=v; else if(val({"--fmad","-fmad"},v)) fmad=v!="false"; else if(val({"--define-macro","-D"},v)) defs+=" "+q("-D"+v); else if(s.compare(0,2,"-D")==0) defs+=" "+q(s); else if(val({"--include-path","-I"},v)) defs+=" "+q("-I"+v); else if(s.compare(0,2,"-I")==0) defs+=" "+q(s); else if(val({"--pre-include","-include"},v)) defs+=" -include "+q(v);
    else if(val({"--maxrregcount","-maxrregcount","--ptxas-options","-Xptxas","--ftz","-ftz","--prec-sqrt","-prec-sqrt","--prec-div","-prec-div","--diag-suppress","-diag-suppress","--use_fast_math_x","--split-compile","--device-debug_x","-jitx"},v)){} 
    else { static const std::set<string> flags={"--use_fast_math","-use_fast_math","--default-device","-default-device","-default-device","--device-debug","-G","--generate-line-info","-lineinfo","--device-as-default-execution-space","--extra-device-vectorization","--disable-warnings","-w","--restrict","-restrict","--relocatable-device-code=true","--builtin-move-forward=true","-pch","--no-cache","-dlto","--minimal","-minimal"}; if(!flags.count(s)){ p->log="nvrtc: error: unrecognized option "+s+" found\n"; return 5; } } }
  string here=cudasim::own_dir(); string shim=env("CUDASIM_SHIM",here+"/shim.h"), cxx=env("CUDASIM_CXX","g++"), cache=env("CUDASIM_CACHE",here+"/kernels"); mkdir(cache.c_str(),0700);
  bool chk=cudasim::check_mode()||atoi(env("CUDASIM_CHECK","0").c_str()); string opt=env("CUDASIM_CXXFLAGS",chk?"-O1":"-O2"); string fl="-std="+std_+" "+opt+" -fPIC -fno-gnu-unique -w -fwrapv -fno-strict-aliasing -fno-math-errno -fno-trapping-math -fno-exceptions -D__CUDA_ARCH__="+std::to_string(arch*10)+defs; if(fmad && __builtin_cpu_supports("fma")) fl+=" -mfma -ffp-contract=fast"; else fl+=" -ffp-contract=off";
  if(chk) fl+=" -fsanitize=thread --param tsan-instrument-func-entry-exit=0 -fsanitize=alignment,bounds";
  string src=std::regex_replace(p->src,std::regex(R"(extern\s+__shared__\s+((?:__align__\s*\([^)]*\)\s*)?)([\w\s:<>]*?)\b(\w+)\s*\[\s*\]\s*;)"),"$2* $3 = ($2*)__cudasim_ctx.dyn_;");
  string key=src+"\1"+fl+"\1"+cxx+"\1"+slurp(shim); for(auto&h:p->hdr) key+="\1"+h.first+"\1"+h.second; for(auto&e:p->exprs) key+="\1"+e; string hs=hash(key), dir=cache+"/"+hs, so=dir+"/k.so";
  if(access(so.c_str(),R_OK)){ string tmp=dir+".tmp"+std::to_string(getpid()); mkdir(tmp.c_str(),0700); for(auto&h:p->hdr) spew(tmp+"/"+h.first,h.second);
    string pre="#include \""+shim+"\"\n#line 1 \""+p->name+"\"\n"; spew(tmp+"/k.cpp",pre+src+"\n"); string pp,perr; int rc=sh(cxx+" -x c++ -E -P -DCUDASIM_SCAN -I"+q(tmp)+" "+fl+" -o "+q(tmp+"/k.ii")+" "+q(tmp+"/k.cpp"),perr); pp=slurp(tmp+"/k.ii");
    string reg="\n#line 1 \"cudasim-registration\"\n"; if(!rc){ std::regex re(R"((template\s*<[^;{}]*>\s*(?:\w+\s+)*)?__cudasim_global__\s+(?:__attribute__\(\(\w+\)\)\s*)*void\s+(\w+)\s*\()"); std::set<string> seen; for(std::sregex_iterator it(pp.begin(),pp.end(),re),e;it!=e;++it) if(!(*it)[1].matched && seen.insert((*it)[2]).second) reg+="CUDASIM_KERNEL("+(*it)[2].str()+")\n"; for(auto&e:p->exprs){ string x=e; if(x[0]=='&') x=x.substr(1); reg+="CUDASIM_KERNEL2(\"@"+e+"\","+x+")\n"; } }
    spew(tmp+"/k.cpp",pre+src+reg); string out; rc=rc?rc:sh(cxx+" -x c++ -I"+q(tmp)+" "+fl+" -c -o "+q(tmp+"/k.o")+" "+q(tmp+"/k.cpp"),out); if(rc){ p->log+=perr+out; if(!getenv("CUDASIM_KEEP")) { string z; sh("rm -rf "+q(tmp),z); } return 6; }
    rc=sh(cxx+" -shared -Wl,-Bsymbolic -o "+q(tmp+"/k.so")+" "+q(tmp+"/k.o")+" "+q(here+"/libcuda.so.1"),out); if(rc){ p->log+=out; return 6; } p->log+=out; if(rename(tmp.c_str(),dir.c_str())){ string z; sh("rm -rf "+q(tmp),z); } }
  char b[300]; snprintf(b,300,"//cudasim-module %s\n.version 9.1\n.target sm_%d\n.address_size 64\n",so.c_str(),arch); p->ptx=b; p->ok=true; p->cubin=sm; return 0; }
CS_API R nvrtcGetPTXSize(Prog* p,size_t* n){ if(!p->ok) return 4; *n=p->ptx.size()+1; return 0; }
CS_API R nvrtcGetPTX(Prog* p,char* b){ if(!p->ok) return 4; memcpy(b,p->ptx.c_str(),p->ptx.size()+1); return 0; }
CS_API R nvrtcGetCUBINSize(Prog* p,size_t* n){ if(!p->ok) return 4; *n=p->cubin?p->ptx.size()+1:0; return 0; }
CS_API R nvrtcGetCUBIN(Prog* p,char* b){ if(!p->ok||!p->cubin) return 4; memcpy(b,p->ptx.c_str(),p->ptx.size()+1); return 0; }
CS_API R nvrtcGetProgramLogSize(Prog* p,size_t* n){ *n=p->log.size()+1; return 0; }
CS_API R nvrtcGetProgramLog(Prog* p,char* b){ memcpy(b,p->log.c_str(),p->log.size()+1); return 0; }
