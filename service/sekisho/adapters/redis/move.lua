-- Moves coverage marks. ARGV: per key what was read ('' for nothing) and what holds now, of
--   6 bytes covered_from, 6 applied_to, 8 generation, 24 top, 24 bottom.
-- Answers 1, or 0 where a mark was no longer as it was read; that one is left alone.
-- Upwards (top, applied_to) and downwards (bottom, covered_from) are two claims, each compared and
-- set by itself: a worker that follows new rows does not stop another that covers history.
-- What was applied to a moment that is still to come, as a clock that was ahead has it, is put back.
local time = redis.call('TIME')
local latest = time[1] * 1000 + 2000
local function moved(kept, was, now)
  if kept == was then return now end
  if #kept ~= #now or #kept ~= #was or sub(kept, 13, 20) ~= sub(was, 13, 20) then return nil end
  local covered, applied = sub(kept, 1, 6), sub(kept, 7, 12)
  local top, bottom = sub(kept, 21, 44), sub(kept, 45, 68)
  if sub(now, 7, 12) ~= sub(was, 7, 12) or sub(now, 21, 44) ~= sub(was, 21, 44) then
    if top ~= sub(was, 21, 44) then return nil end
    top = sub(now, 21, 44)
    if time_at(now, 7) > time_at(kept, 7) or time_at(kept, 7) > latest then
      applied = sub(now, 7, 12)
    end
  end
  if sub(now, 1, 6) ~= sub(was, 1, 6) or sub(now, 45, 68) ~= sub(was, 45, 68) then
    if bottom ~= sub(was, 45, 68) or covered ~= sub(was, 1, 6) then return nil end
    covered, bottom = sub(now, 1, 6), sub(now, 45, 68)
  end
  return covered .. applied .. sub(kept, 13, 20) .. top .. bottom
end

local all = 1
for i, key in ipairs(KEYS) do
  local holds = moved(redis.call('GET', key) or '', ARGV[2 * i - 1], ARGV[2 * i])
  if holds then redis.call('SET', key, holds) else all = 0 end
end
return all
