-- Compare-and-set of many strings. ARGV: per key what was read ('' for nothing) and what holds now.
local all = 1
for i, key in ipairs(KEYS) do
  local was, now = ARGV[2 * i - 1], ARGV[2 * i]
  if (redis.call('GET', key) or '') == was then
    redis.call('SET', key, now)
  else
    all = 0
  end
end
return all
