// Scripts: whole plans of kernel calls, run by one call from Java.
//
//   int64_t jangada_script(const int64_t* code)
//       Builds a script; returns its address, or 0 for lack of memory. code: [number of bases, number of steps, then per step: family,
//       number of words, words…, number of relocations, (word, base)…]. The words of a kernel are the arguments of its family; a relocated
//       word is an offset in bytes, to which each run adds a base address. The words of
//         SEVERAL  [number of members, then per member: MAP or REDUCE, number of words, words…]; members are independent
//         REFRESH  [number of scalars, number of targets, (step, word, first scalar, number of scalars)…]: takes scalars from the stream
//         REPEAT   [step of its END, number of targets, (step, word)…]: takes the number of turns from the stream; its index goes to the
//                  targets
//         END      [step of its REPEAT]
//   int32_t jangada_script_run(int64_t script, int64_t* state)
//       state: see ScriptState; then the bases, then the stream. Runs from state[STEP] on; returns 0 at the end, else the status of the step at
//       which it stands: 1 as its family says, 2 for lack of memory before the first kernel, or 3 if more of the stream is needed. It goes on
//       there at the next call.
//   void jangada_script_free(int64_t script)
//
// What a call needs before its first element (dimensions, plan, grid) is prepared once, and again only if an operand has moved. A script has
// all scratch memory of its kernels from the start, so no kernel of a run lacks any. (Only what is chosen by addresses, or was chosen anew
// by jangada_select_isa, may need more: then status 2 comes before the first kernel of a run.)
#pragma once

#include <memory>
#include <new>
#include <optional>
#include <vector>

#include "index.h"
#include "map.h"
#include "matmul.h"
#include "reduce.h"
#include "scan.h"
#include "sort.h"

namespace jangada {

#define X(name) name,
enum class Family : int64_t { JANGADA_FAMILIES(X) COUNT };
#undef X

/** Words of the state: Java sets all but DETAIL at the start of a run. */
enum ScriptState : int32_t {
    STEP,     // the step at which the run stands
    DETAIL,   // of a failed step: an index out of range, or the number of the member
    LAUNCHES, // kernels launched so far
    GIVEN,    // entries that the stream has had in this run, and
    TAKEN,    // how many of them were taken
    AT,       // position in the stream
    BASES
};

constexpr int32_t NEEDS_MORE = 3;

/** Element-wise calls and reductions that are run by one loop over the chunks of all of them. */
class Group {
public:
    /** @param words those of SEVERAL, which stay where they are */
    explicit Group(const int64_t* words) : members_(words[0]) {
        const int64_t* p = words + 1;
        for (Member& m : members_) {
            m.args = p + 2;
            m.reduces = static_cast<Family>(p[0]) == Family::REDUCE;
            m.makeRoom(scratchBytes_);
            p += 2 + p[1];
        }
    }

    /** Bytes of scratch memory that small calls need. */
    int64_t scratchBytes() const { return scratchBytes_; }

    const Needs& needs() const { return needs_; }

    /** Reads the arguments, at first and when operands have moved. */
    void prepare(char* scratch) {
        chunks_ = 0;
        work_ = 0;
        int64_t pieces = 0;
        for (Member& m : members_) {
            m.prepare(scratch);
            pieces = m.reduces ? m.reduction->placePieces(pieces) : pieces;
            needs_.add(m.reduces ? m.reduction->needs : m.map->needs);
            m.first = chunks_;
            chunks_ += m.reduces ? m.reduction->chunks : m.map->chunks;
            work_ += m.reduces ? m.reduction->work() : m.map->work();
        }
    }

    /** Runs all members; after a failure, {@code failed} is the number of the first one that failed. */
    int32_t run(int64_t& failed) {
        if (!scratches()->reserve(needs_)) {
            return NO_MEMORY;
        }
        bool serial = work_ < SERIAL_COST;
        for (Member& m : members_) {
            m.status = serial ? m.run() : m.start();
        }
        if (!serial) {
            jangada_parallel(chunks_, [](void* ctx, int64_t c) { static_cast<Group*>(ctx)->runChunk(c); }, this, needs_);
        }
        int32_t status = 0;
        for (size_t i = 0; i < members_.size(); i++) {
            Member& m = members_[i];
            int32_t own = serial ? m.status : m.reduces ? m.reduction->finish() : m.map->finish();
            if (own && !status) {
                status = own;
                failed = static_cast<int64_t>(i);
            }
        }
        return status;
    }

private:
    struct Member {
        const int64_t* args = nullptr;
        bool reduces = false;
        std::unique_ptr<char[]> room, smallRoom;
        std::optional<SmallCall> small; // instead of map where one thread runs all
        std::optional<MapCall> map;
        std::optional<Reduction> reduction;
        int64_t first = 0; // chunk of the loop
        int32_t status = 0;

        void makeRoom(int64_t& scratch) {
            if (reduces) {
                room.reset(new char[Reduction::bytes(args)]);
                return;
            }
            MapArguments a(args);
            room.reset(new char[MapCall::bytes(a)]);
            if (const Plan* plan = a.perhapsSmall()) {
                smallRoom.reset(new char[SmallCall::bytes(*plan)]);
                scratch = std::max(scratch, plan->scratch);
            }
        }

        void prepare(char* scratch) {
            if (reduces) {
                reduction.emplace(args, room.get());
                return;
            }
            MapArguments a(args);
            map.emplace(a, room.get());
            small.reset();
            if (const Plan* plan = a.small()) {
                small.emplace(*plan, a.program, a.elements, a.rank, a.operands, smallRoom.get(), scratch);
            }
        }

        int32_t run() { return reduces ? reduction->run() : small ? small->run() : map->run(); }

        int32_t start() {
            reduces ? reduction->start() : map->start();
            return 0;
        }
    };

    void runChunk(int64_t c) {
        size_t i = members_.size() - 1;
        while (members_[i].first > c) {
            i--;
        }
        Member& m = members_[i];
        m.reduces ? m.reduction->runChunk(c - m.first) : m.map->runChunk(c - m.first);
    }

    std::vector<Member> members_;
    Needs needs_;
    int64_t chunks_ = 0, work_ = 0, scratchBytes_ = 0;
};

class Script {
public:
    explicit Script(const int64_t* code) {
        int64_t bases = *code++, steps = *code++;
        relocations_.resize(bases);
        bases_.resize(bases);
        std::vector<size_t> starts;
        const int64_t* p = code;
        for (int64_t s = 0; s < steps; s++) { // the words first: steps point to them
            starts.push_back(words_.size());
            words_.insert(words_.end(), p + 2, p + 2 + p[1]);
            p += 2 + p[1];
            p += 1 + 2 * *p;
        }
        for (int64_t s = 0; s < steps; s++) {
            Step step{static_cast<Family>(code[0]), words_.data() + starts[s]};
            code += 2 + code[1];
            for (int64_t r = *code++; r > 0; r--, code += 2) {
                int64_t* word = step.args + code[0];
                relocations_[code[1]].push_back({word, *word, s});
            }
            steps_.push_back(std::move(step));
        }
        for (Step& s : steps_) {
            makeRoom(s);
        }
        for (Step& s : steps_) {
            s.scratch = aligned();
        }
        std::vector<int64_t> apart; // where no two bases meet
        for (int64_t b = 1; b <= bases; b++) {
            apart.push_back(b << 44);
        }
        if (!bind(apart.data())) {
            throw std::bad_alloc();
        }
    }

    int32_t run(int64_t* state) {
        BusyTime busy;
        OwnScratches own(own_);
        if (!bind(state + BASES)) {
            return NO_MEMORY;
        }
        const int64_t* stream = state + BASES + bases_.size();
        int64_t end = static_cast<int64_t>(steps_.size());
        Region region;
        for (int64_t at = state[STEP]; at < end; state[STEP] = at) {
            Step& s = steps_[at];
            switch (s.family) {
                case Family::REFRESH:
                    if (state[TAKEN] == state[GIVEN]) {
                        return NEEDS_MORE;
                    }
                    refresh(s, stream + state[AT]);
                    state[AT] += s.args[0];
                    state[TAKEN]++;
                    at++;
                    break;
                case Family::REPEAT:
                    if (state[TAKEN] == state[GIVEN]) {
                        return NEEDS_MORE;
                    }
                    s.turns = stream[state[AT]++];
                    state[TAKEN]++;
                    s.turn = 0;
                    startTurn(s);
                    at = s.turns > 0 ? at + 1 : s.args[0] + 1;
                    break;
                case Family::END: {
                    Step& loop = steps_[s.args[0]];
                    loop.turn++;
                    startTurn(loop);
                    at = loop.turn < loop.turns ? s.args[0] + 1 : at + 1;
                    break;
                }
                default:
                    if (int32_t status = launch(s, state[DETAIL])) {
                        return status;
                    }
                    state[LAUNCHES]++;
                    at++;
            }
        }
        return 0;
    }

private:
    struct Step {
        Family family;
        int64_t* args;
        bool ready = false; // whether what is below fits the operands
        std::unique_ptr<char[]> room;
        char* scratch = nullptr;
        std::optional<SmallCall> small;
        std::optional<MapCall> map;
        std::unique_ptr<Group> group;
        std::optional<Reduction> reduction;
        std::optional<Product> product;
        int64_t turn = 0, turns = 0; // of a REPEAT

        Step(Family family, int64_t* args) : family(family), args(args) {}
        Step(Step&& o) noexcept : family(o.family), args(o.args) {} // only before anything is prepared
    };

    struct Relocation {
        int64_t* word;
        int64_t offset;
        int64_t step;
    };

    /** Allocates what a step keeps, and notes how much scratch memory it needs. */
    void makeRoom(Step& s) {
        if (s.family == Family::MAP) {
            MapArguments a(s.args);
            const Plan* small = a.perhapsSmall();
            s.room.reset(new char[std::max(small ? SmallCall::bytes(*small) : 0, MapCall::bytes(a))]);
            scratchBytes_ = std::max(scratchBytes_, small ? small->scratch : 0);
        } else if (s.family == Family::REDUCE) {
            s.room.reset(new char[Reduction::bytes(s.args)]);
        } else if (s.family == Family::SEVERAL) {
            s.group.reset(new Group(s.args));
            scratchBytes_ = std::max(scratchBytes_, s.group->scratchBytes());
        }
    }

    /** The scratch memory of small calls, which run one after the other. */
    char* aligned() {
        if (!scratch_) {
            scratch_.reset(new char[scratchBytes_ + 64]);
        }
        return scratch_.get() + (-reinterpret_cast<intptr_t>(scratch_.get()) & 63);
    }

    /** Prepares what is new or has moved, or was not prepared for lack of memory; false if there is none for that. */
    bool bind(const int64_t* bases) {
        for (size_t b = 0; b < bases_.size(); b++) {
            if (bases_[b] != bases[b]) {
                bases_[b] = bases[b];
                for (const Relocation& r : relocations_[b]) {
                    *r.word = bases[b] + r.offset;
                    steps_[r.step].ready = false;
                }
                prepared_ = false;
            }
        }
        prepared_ = prepared_ || statusOf([&] { return prepareMoved(); }) == OK;
        return prepared_;
    }

    int32_t prepareMoved() {
        for (Step& s : steps_) {
            if (!s.ready) {
                prepare(s);
                s.ready = true;
            }
        }
        return own_.reserve(needs_) ? OK : NO_MEMORY;
    }

    void refresh(const Step& s, const int64_t* scalars) {
        const int64_t* t = s.args + 2;
        for (int64_t n = s.args[1]; n > 0; n--, t += 4) {
            std::copy(scalars + t[2], scalars + t[2] + t[3], steps_[t[0]].args + t[1]);
        }
    }

    void startTurn(const Step& s) {
        const int64_t* t = s.args + 2;
        for (int64_t n = s.args[1]; n > 0; n--, t += 2) {
            steps_[t[0]].args[t[1]] = s.turn;
        }
    }

    /** Reads the arguments of a step. */
    void prepare(Step& s) {
        if (s.family == Family::REDUCE) {
            needs_.add(s.reduction.emplace(s.args, s.room.get()).needs);
        } else if (s.family == Family::SEVERAL) {
            s.group->prepare(s.scratch);
            needs_.add(s.group->needs());
        } else if (s.family == Family::MATMUL) {
            needs_.add(s.product.emplace(s.args).needs);
        } else if (s.family == Family::SORT) {
            needs_.add(sortNeeds(s.args));
        } else if (s.family == Family::MAP) {
            MapArguments a(s.args);
            s.small.reset();
            if (const Plan* small = a.small()) {
                s.small.emplace(*small, a.program, a.elements, a.rank, a.operands, s.room.get(), s.scratch);
            } else {
                needs_.add(s.map.emplace(a, s.room.get()).needs);
            }
        }
    }

    static int32_t launch(Step& s, int64_t& detail) {
        switch (s.family) {
            case Family::MAP: return s.small ? s.small->run() : s.map->run();
            case Family::REDUCE: return s.reduction->run();
            case Family::SEVERAL: return s.group->run(detail);
            case Family::MATMUL: return s.product->run();
            case Family::SCAN: return jangada_scan(s.args);
            case Family::GATHER: return indexed(jangada_gather, s, detail);
            case Family::SCATTER: return indexed(jangada_scatter, s, detail);
            default: return sortByArguments(s.args);
        }
    }

    /** After a failure the index stands where the element type stood. */
    static int32_t indexed(int32_t (*kernel)(int64_t*), Step& s, int64_t& detail) {
        int64_t type = s.args[0];
        int32_t status = kernel(s.args);
        detail = s.args[0];
        s.args[0] = type;
        return status;
    }

    std::vector<int64_t> words_;
    std::vector<Step> steps_;
    std::vector<std::vector<Relocation>> relocations_; // by base
    std::vector<int64_t> bases_;
    bool prepared_ = false; // all steps, with all scratch memory
    int64_t scratchBytes_ = 0;
    std::unique_ptr<char[]> scratch_; // of small calls
    Needs needs_;                     // of all steps
    Scratches own_;
};

} // namespace jangada

inline int64_t jangada_script(const int64_t* code) {
    try {
        jangada::allocationPoint();
        return reinterpret_cast<int64_t>(new jangada::Script(code));
    } catch (const std::exception&) {
        return 0;
    }
}

inline int32_t jangada_script_run(int64_t script, int64_t* state) { return reinterpret_cast<jangada::Script*>(script)->run(state); }

inline void jangada_script_free(int64_t script) { delete reinterpret_cast<jangada::Script*>(script); }
